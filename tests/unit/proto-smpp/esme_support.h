#pragma once
#include <chrono>

#include "smpp/session.h"
#include "support.h"

namespace xion::smpp::test {

/// A session with a clock that the test turns, and what it has asked for so far.
struct Esme {
  explicit Esme(EsmeSettings settings = some_settings()) : session(std::move(settings)) {}

  static EsmeSettings some_settings() {
    return {.system_id = "acct", .password = Secret("a password over eight"), .system_type = "vma"};
  }
  static EsmeSettings with(auto change) {
    EsmeSettings settings = some_settings();
    change(settings);
    return settings;
  }

  void open() { session.on_open(now, actions); }
  void bind() {
    open();
    receive({.sequence = sent().back().sequence,
             .body = BindResp{.type = session.settings().bind_type, .system_id = "smsc"}});
    REQUIRE(session.state() == SessionState::bound);
    forget();
  }
  void receive(const Pdu& pdu) { receive_octets(encoded(pdu)); }
  void receive_octets(std::string_view octets) { session.on_octets(octets, now, actions); }
  void wait(Millis duration) {
    now += duration;
    session.on_tick(now, actions);
  }
  bool submit(Token token) { return session.submit(token, some_submit(), now, actions).has_value(); }
  /// The sequence number of the newest submit_sm.
  std::uint32_t last_sequence() {
    for (const auto& pdu : sent()) {
      if (std::holds_alternative<SubmitSm>(pdu.body)) last_submit = pdu.sequence;
    }
    return last_submit;
  }

  /// Every PDU that left since `forget`.
  std::vector<Pdu> sent() const {
    std::string octets;
    for (const Send& send : only<Send>(actions)) octets += send.octets;
    return all_decoded(octets);
  }
  template <typename Wanted>
  std::vector<Wanted> got() const {
    return only<Wanted>(actions);
  }
  void forget() { actions.clear(); }

  MonoTime now{Millis{1'000'000}};
  Actions actions;
  EsmeSession session;
  std::uint32_t last_submit = 0;
};

}  // namespace xion::smpp::test
