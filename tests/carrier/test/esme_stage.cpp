#include "esme_stage.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <future>

#include "carrier/admin_client.h"

namespace xion::carrier {
namespace {

MonoTime now() { return moment().mono; }

}  // namespace

Esme::Esme(const std::string& address, smpp::EsmeSettings settings) : session(std::move(settings)) {
  const auto parsed = parse_address(address);
  REQUIRE(parsed.has_value());
  fd_ = socket(parsed->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(connect(fd_, parsed->get(), parsed->length) == 0);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  session.on_open(now(), actions_);
  act();
}

Esme::~Esme() { hang_up(); }

void Esme::hang_up() {
  if (!is_open_) return;
  is_open_ = false;
  close(fd_);
  session.on_close(now(), actions_);
  act();
}

void Esme::step() {
  if (!is_open_) return;
  session.on_tick(now(), actions_);
  std::array<char, 65536> octets;
  const ssize_t n = recv(fd_, octets.data(), octets.size(), MSG_DONTWAIT);
  if (n > 0) {
    reads.emplace_back(octets.data(), static_cast<std::size_t>(n));
    session.on_octets(reads.back(), now(), actions_);
  } else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
    was_reset |= n < 0 && errno == ECONNRESET;
    hang_up();
    sights.push_back({.kind = Sight::Kind::closed});
  }
  act();
}

void Esme::act() {
  for (std::size_t i = 0; i < actions_.size(); ++i) {  // answering appends
    smpp::Action action = std::move(actions_[i]);
    if (auto* send = std::get_if<smpp::Send>(&action); send && is_open_) {
      const ssize_t n = ::send(fd_, send->octets.data(), send->octets.size(), MSG_NOSIGNAL);
      was_reset |= n < 0 && errno == ECONNRESET;  // a reset is told once, to whoever asks first
    } else if (std::get_if<smpp::Bound>(&action)) {
      sights.push_back({.kind = Sight::Kind::bound});
    } else if (auto* refused = std::get_if<smpp::BindRefused>(&action)) {
      sights.push_back({.kind = Sight::Kind::refused, .status = refused->status});
    } else if (auto* answer = std::get_if<smpp::SubmitAnswered>(&action)) {
      sights.push_back(
          {.kind = Sight::Kind::answer, .status = answer->status, .id = answer->message_id, .is_nack = answer->nack});
    } else if (auto* late = std::get_if<smpp::LateAnswer>(&action)) {
      sights.push_back({.kind = Sight::Kind::late, .status = late->status, .id = late->message_id});
    } else if (std::get_if<smpp::SubmitLost>(&action)) {
      sights.push_back({.kind = Sight::Kind::lost});
    } else if (auto* delivered = std::get_if<smpp::Delivered>(&action)) {
      sights.push_back({.kind = Sight::Kind::message, .sm = std::move(delivered->sm)});
      if (!is_mute) session.answer_deliver(delivered->sequence, receipt_answer, actions_);
    } else if (std::get_if<smpp::Close>(&action)) {
      if (std::exchange(is_open_, false)) close(fd_);
      sights.push_back({.kind = Sight::Kind::closed});
    }
  }
  actions_.clear();
}

void Esme::submit(const std::string& to, const std::string& text, std::uint8_t registered_delivery) {
  smpp::SubmitSm sm;
  sm.source = {.ton = 5, .npi = 0, .digits = "XionID"};
  sm.destination = {.ton = 1, .npi = 1, .digits = to};
  sm.registered_delivery = registered_delivery;
  sm.short_message = text;
  submit(sm);
}

void Esme::submit(const smpp::SubmitSm& sm) {
  REQUIRE(session.submit(next_token_++, sm, now(), actions_).has_value());
  act();
}

void Esme::unbind() {
  session.unbind(now(), actions_);
  act();
}

Stage::Stage(CarrierSettings settings, SslContext tls)
    : base(event_base_new()),
      carrier(std::move(settings)),
      server(base.get(), carrier, std::move(tls)),
      admin(base.get(), server) {
  std::signal(SIGPIPE, SIG_IGN);  // as main does
  REQUIRE(server.listen(*parse_address("127.0.0.1:0")).has_value());
  REQUIRE(admin.listen(*parse_address("127.0.0.1:0")).has_value());
  fault("receipt-delay-ms=0");
}

Esme& Stage::esme(smpp::EsmeSettings settings) {
  return *esmes.emplace_back(std::make_unique<Esme>(server.address(), std::move(settings)));
}

Esme& Stage::bound_esme(smpp::BindType type) {
  Esme& esme = this->esme({.bind_type = type, .system_id = "xion", .password = Secret("secret")});
  REQUIRE(until([&] { return esme.is_bound(); }));
  return esme;
}

void Stage::turn() {
  event_base_loop(base.get(), EVLOOP_NONBLOCK);
  for (const auto& esme : esmes) esme->step();
}

bool Stage::until(const std::function<bool()>& is_true) {
  const MonoTime limit = now() + Millis{180'000};
  while (!is_true()) {
    if (now() > limit) return false;
    turn();
    poll(nullptr, 0, 1);
  }
  return true;
}

void Stage::turn_for(Millis duration) {
  const MonoTime limit = now() + duration;
  until([&] { return now() >= limit; });
}

void Stage::fault(std::string_view text) { REQUIRE(carrier.faults().set(text).has_value()); }

std::vector<std::string> Stage::ask(const std::string& line) {
  auto asked = std::async(std::launch::async, [&] { return carrier::ask(*parse_address(admin.address()), line); });
  REQUIRE(until([&] { return asked.wait_for(Millis{0}) == std::future_status::ready; }));
  const auto lines = asked.get();
  REQUIRE(lines.has_value());
  return *lines;
}

}  // namespace xion::carrier
