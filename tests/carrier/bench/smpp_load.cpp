// smpp-load ADDRESS [SECONDS] [CONNECTIONS] [WINDOW] [PID]: submits as fast as the windows allow, acknowledges every
// receipt, and prints the rates; with PID, the CPU time that this process took for each message and its receipt.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "carrier/socket_address.h"
#include "smpp/session.h"

namespace {

using namespace xion;

MonoTime now() {
  return MonoTime{std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch())};
}

/// User and system time of a process. Source: proc(5), fields 14 and 15 of /proc/PID/stat.
double cpu_seconds(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string word;
  double ticks = 0;
  for (int field = 1; field <= 15 && file >> word; ++field) {
    if (field >= 14) ticks += std::atof(word.c_str());
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Load {
  std::uint64_t submitted = 0, answered = 0, refused = 0, receipts = 0;
};

struct Connection {
  Connection(int socket, std::size_t window)
      : fd(socket), session({.system_id = "load", .password = Secret("load"), .window = window}) {}
  int fd;
  smpp::EsmeSession session;
  smpp::Actions actions{};

  void act(Load& load) {
    std::string octets;
    for (std::size_t i = 0; i < actions.size(); ++i) {  // answering appends
      if (auto* send = std::get_if<smpp::Send>(&actions[i])) octets += send->octets;
      if (auto* answer = std::get_if<smpp::SubmitAnswered>(&actions[i]))
        ++(answer->status == 0 ? load.answered : load.refused);
      if (auto* delivered = std::get_if<smpp::Delivered>(&actions[i])) {
        ++load.receipts;
        const std::uint32_t sequence = delivered->sequence;
        session.answer_deliver(sequence, 0, actions);
      }
    }
    actions.clear();
    for (std::size_t sent = 0; sent < octets.size();) {
      const ssize_t n = send(fd, octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) std::exit(1);
      sent += static_cast<std::size_t>(n);
    }
  }
};

smpp::SubmitSm message(std::uint64_t number) {
  smpp::SubmitSm sm;
  sm.source = {.ton = 5, .npi = 0, .digits = "XionID"};
  sm.destination = {.ton = 1, .npi = 1, .digits = fmt::format("374{:08}", number % 100'000'000)};
  sm.registered_delivery = 1;
  sm.short_message =
      fmt::format("{:06} is your code. It lasts 5 minutes. Never tell it to anyone.", number % 1'000'000);
  return sm;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int at, const char* otherwise) { return std::string(at < argc ? argv[at] : otherwise); };
  const auto address = carrier::parse_address(argument(1, "127.0.0.1:2775"));
  if (!address) return 2;
  const Millis duration{std::atol(argument(2, "5").c_str()) * 1000};
  const auto connections_wanted = static_cast<std::size_t>(std::atol(argument(3, "4").c_str()));
  const auto window = static_cast<std::size_t>(std::atol(argument(4, "50").c_str()));
  const std::string pid = argument(5, "");

  std::vector<Connection> connections;
  std::vector<pollfd> polls;
  Load load;
  for (std::size_t i = 0; i < connections_wanted; ++i) {
    const int fd = socket(address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, address->get(), address->length) != 0) return 1;
    connections.emplace_back(fd, window);
    connections.back().session.on_open(now(), connections.back().actions);
    connections.back().act(load);
    polls.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  }
  const MonoTime start = now();
  const double cpu_before = pid.empty() ? 0 : cpu_seconds(pid);
  std::array<char, 64 * 1024> buffer;
  const auto is_owed = [&] { return load.receipts < load.answered || load.answered + load.refused < load.submitted; };
  while (now() < start + duration || (is_owed() && now() < start + duration + Millis{10'000})) {
    poll(polls.data(), polls.size(), 10);
    const bool may_submit = now() < start + duration;
    for (std::size_t i = 0; i < connections.size(); ++i) {
      Connection& c = connections[i];
      if ((polls[i].revents & (POLLIN | POLLHUP)) != 0) {
        const ssize_t n = recv(c.fd, buffer.data(), buffer.size(), 0);
        if (n <= 0) return 1;
        c.session.on_octets({buffer.data(), static_cast<std::size_t>(n)}, now(), c.actions);
      }
      while (may_submit && c.session.can_submit()) {
        if (!c.session.submit(load.submitted, message(load.submitted), now(), c.actions)) return 1;
        ++load.submitted;
      }
      c.act(load);
    }
  }
  const double seconds = static_cast<double>((now() - start).count()) / 1000;
  fmt::print("submitted {} accepted {} refused {} receipts {} in {:.1f} s: {:.0f} messages with receipts a second\n",
             load.submitted, load.answered, load.refused, load.receipts, seconds,
             static_cast<double>(load.receipts) / seconds);
  if (!pid.empty() && load.answered > 0) {
    fmt::print("CPU of {}: {:.1f} µs a message\n", pid,
               (cpu_seconds(pid) - cpu_before) * 1e6 / static_cast<double>(load.answered));
  }
  return 0;
}
