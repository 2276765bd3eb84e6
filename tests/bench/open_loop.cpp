// An open-loop HTTP client: requests leave on a fixed schedule whether or not earlier ones were answered, and a latency
// counts from when its request should have left, so that a stall is seen in every request that it delays.
//
//   bench_open_loop PORT KEY RATE SECONDS send FIRST       sends to +79FIRST, +79(FIRST+1), …
//   bench_open_loop PORT KEY RATE SECONDS verify FILE      verifies the "phone code" lines of FILE
//
// A number of connections may follow (64): what finds none free leaves as soon as one is.
// Prints one JSON object: sent, answered, ok, p50_ms, p99_ms, max_ms.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <poll.h>

#include "load_connection.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
  int fd = -1;
  bool is_busy = false;
  Clock::time_point due;
  std::string in;
};

struct Bodies {
  std::string mode;
  std::uint64_t next = 0;
  std::vector<std::pair<std::string, std::string>> codes;

  bool any_left() const { return mode == "send" || next < codes.size(); }
  std::string take() {
    if (mode == "send") return fmt::format(R"({{"phone":"+79{:09}"}})", next++);
    const auto& [phone, code] = codes[next++];
    return fmt::format(R"({{"phone":"{}","code":"{}"}})", phone, code);
  }
};

double percentile(const std::vector<double>& sorted, double part) {
  return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7 && argc != 8) {
    std::fputs("usage: bench_open_loop PORT KEY RATE SECONDS send FIRST | verify FILE [CONNECTIONS]\n", stderr);
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const std::string key = argv[2];
  const double rate = std::atof(argv[3]);
  const auto total = static_cast<std::size_t>(rate * std::atof(argv[4]));
  Bodies bodies;
  bodies.mode = argv[5];
  if (bodies.mode == "send") {
    bodies.next = static_cast<std::uint64_t>(std::atoll(argv[6]));
  } else {
    std::ifstream file(argv[6]);
    for (std::string phone, code; file >> phone >> code;) bodies.codes.emplace_back(phone, code);
  }

  std::vector<Connection> connections(argc == 8 ? static_cast<std::size_t>(std::atoll(argv[7])) : 64);
  for (auto& connection : connections) connection.fd = bench::connect_to(port);
  std::deque<Clock::time_point> overdue;  // Should have left, but every connection was busy.
  std::vector<double> latencies_ms;
  std::size_t scheduled = 0, sent = 0, ok = 0;
  const auto began = Clock::now();
  const auto due_at = [&](std::size_t n) {
    return began + std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 * static_cast<double>(n) / rate));
  };
  const auto give_up = due_at(total) + std::chrono::seconds(10);

  while (latencies_ms.size() < total && Clock::now() < give_up && (bodies.any_left() || latencies_ms.size() < sent)) {
    const auto now = Clock::now();
    while (scheduled < total && due_at(scheduled) <= now) overdue.push_back(due_at(scheduled++));
    for (auto& connection : connections) {
      if (overdue.empty() || !bodies.any_left()) break;
      if (connection.is_busy) continue;
      const std::string body = bodies.take();
      const std::string request = fmt::format(
          "POST /v1/otp/{} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nContent-Type: "
          "application/json\r\nContent-Length: {}\r\n\r\n{}",
          bodies.mode, key, body.size(), body);
      if (write(connection.fd, request.data(), request.size()) != static_cast<ssize_t>(request.size())) return 1;
      connection.is_busy = true;
      connection.due = overdue.front();
      overdue.pop_front();
      ++sent;
    }
    std::vector<pollfd> polled;
    for (const auto& connection : connections) polled.push_back({connection.is_busy ? connection.fd : -1, POLLIN, 0});
    const auto wait =
        scheduled < total
            ? std::max<std::int64_t>(
                  0, std::chrono::duration_cast<std::chrono::nanoseconds>(due_at(scheduled) - Clock::now()).count())
            : 1'000'000;
    const timespec limit{wait / 1'000'000'000, wait % 1'000'000'000};
    ppoll(polled.data(), polled.size(), &limit, nullptr);
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if ((polled[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      Connection& connection = connections[i];
      char buffer[4096];
      const ssize_t got = read(connection.fd, buffer, sizeof buffer);
      if (got <= 0) {
        std::fputs("the server closed a connection\n", stderr);
        return 1;
      }
      connection.in.append(buffer, static_cast<std::size_t>(got));
      if (!bench::is_whole(connection.in)) continue;
      latencies_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - connection.due).count());
      ok += connection.in.compare(9, 1, "2") == 0 ? 1 : 0;
      connection.in.clear();
      connection.is_busy = false;
    }
  }
  std::sort(latencies_ms.begin(), latencies_ms.end());
  fmt::print(R"({{"sent":{},"answered":{},"ok":{},"p50_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f}}})"
             "\n",
             sent, latencies_ms.size(), ok, percentile(latencies_ms, 0.50), percentile(latencies_ms, 0.99),
             percentile(latencies_ms, 1.0));
}
