// Both roles wired to each other over a stream that cuts, delays and breaks, with an auditor who counts.
#include <algorithm>
#include <map>
#include <set>

#include "smpp/session.h"
#include "smpp/smsc_session.h"
#include "support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;
using namespace std::chrono_literals;

namespace {

/// What became of each token: exactly one of answered and lost; a late answer only behind a loss by timeout.
struct Auditor {
  enum class Fate { in_flight, answered, lost, answered_late };
  std::map<Token, Fate> fates;

  void submitted(Token token) { REQUIRE(fates.emplace(token, Fate::in_flight).second); }
  void move(Token token, Fate from, Fate to) {
    REQUIRE(fates.at(token) == from);
    fates[token] = to;
  }
  std::size_t count(Fate fate) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(fates, [&](const auto& entry) { return entry.second == fate; }));
  }
};

struct Pair {
  explicit Pair(std::uint64_t seed) : random(seed) {
    Actions out;
    SmscActions smsc_out;
    smsc.on_open(now, smsc_out);
    esme.on_open(now, out);
    take(out);
  }

  void take(Actions& actions) {
    for (Action& action : actions) {
      if (auto* send = std::get_if<Send>(&action)) to_smsc += send->octets;
      if (std::get_if<Close>(&action) != nullptr) is_broken = true;
      if (auto* answered = std::get_if<SubmitAnswered>(&action)) {
        auditor.move(answered->token, Auditor::Fate::in_flight, Auditor::Fate::answered);
        if (answered->status == status::ok) CHECK(answered->message_id == std::to_string(answered->token));
      }
      if (auto* lost = std::get_if<SubmitLost>(&action)) {
        auditor.move(lost->token, Auditor::Fate::in_flight, Auditor::Fate::lost);
      }
      if (auto* late = std::get_if<LateAnswer>(&action)) {
        auditor.move(late->token, Auditor::Fate::lost, Auditor::Fate::answered_late);
      }
      if (auto* delivered = std::get_if<Delivered>(&action)) unanswered_delivers.push_back(delivered->sequence);
    }
    actions.clear();
  }

  void take(SmscActions& actions) {
    for (SmscAction& action : actions) {
      if (auto* send = std::get_if<Send>(&action)) to_esme += send->octets;
      if (std::get_if<Close>(&action) != nullptr) is_broken = true;
      if (auto* bind = std::get_if<BindRequested>(&action)) {
        SmscActions more;
        smsc.accept_bind(bind->sequence, now, more);
        take(more);
      }
      // The test's submits carry their token as text, so that the id can be checked against it.
      if (auto* submitted = std::get_if<Submitted>(&action))
        unanswered_submits.emplace_back(submitted->sequence, submitted->sm.short_message);
      if (auto* answered = std::get_if<DeliverAnswered>(&action)) REQUIRE(delivers.erase(answered->token) == 1);
      if (auto* lost = std::get_if<DeliverLost>(&action)) REQUIRE(delivers.erase(lost->token) == 1);
    }
    actions.clear();
  }

  /// Moves a random piece of one direction.
  void carry() {
    Actions out;
    SmscActions smsc_out;
    const auto piece = [&](std::string& from) {
      const std::string part = from.substr(0, 1 + below(random, from.size()));
      from.erase(0, part.size());
      return part;
    };
    if (!to_smsc.empty() && below(random, 2) == 0) smsc.on_octets(piece(to_smsc), now, smsc_out);
    if (!to_esme.empty() && below(random, 2) == 0) esme.on_octets(piece(to_esme), now, out);
    take(out);
    take(smsc_out);
  }

  void step() {
    Actions out;
    SmscActions smsc_out;
    switch (below(random, 8)) {
      case 0:
      case 1: {
        SubmitSm sm;
        sm.destination.digits = "49151";
        sm.short_message = std::to_string(next_token);
        if (esme.can_submit()) auditor.submitted(next_token);
        if (esme.submit(next_token, sm, now, out)) ++next_token;
        break;
      }
      case 2:
      case 3:
        if (!unanswered_submits.empty()) {
          const std::size_t at = below(random, unanswered_submits.size());
          const auto [sequence, id] = unanswered_submits[at];
          unanswered_submits.erase(unanswered_submits.begin() + static_cast<std::ptrdiff_t>(at));
          switch (below(random, 12)) {
            case 0: break;  // never answered
            case 1: smsc.nack(sequence, status::rsyserr, smsc_out); break;
            case 2: smsc.answer_submit(sequence, status::rthrottled, "", smsc_out); break;
            default: smsc.answer_submit(sequence, 0, id, smsc_out); break;
          }
        }
        break;
      case 4:
        if (smsc.deliver(next_deliver, {}, now, smsc_out)) delivers.insert(next_deliver++);
        break;
      case 5:
        if (!unanswered_delivers.empty()) {
          esme.answer_deliver(unanswered_delivers.back(), 0, out);
          unanswered_delivers.pop_back();
        }
        break;
      case 6:
        now += Millis{static_cast<std::int64_t>(below(random, 3'000))};
        esme.on_tick(now, out);
        smsc.on_tick(now, smsc_out);
        break;
      default: break;
    }
    take(out);
    take(smsc_out);
    carry();
    REQUIRE(esme.in_flight() == auditor.count(Auditor::Fate::in_flight));
    REQUIRE(esme.in_flight() <= 10);
    if (esme.state() != SessionState::closed) REQUIRE(esme.next_deadline().has_value());
  }

  void reconnect() {
    Actions out;
    SmscActions smsc_out;
    esme.on_close(now, out);
    smsc.on_close(now, smsc_out);
    take(out);
    take(smsc_out);
    REQUIRE(auditor.count(Auditor::Fate::in_flight) == 0);
    REQUIRE(delivers.empty());
    to_smsc.clear();
    to_esme.clear();
    unanswered_submits.clear();
    unanswered_delivers.clear();
    is_broken = false;
    now += 1s;
    smsc.on_open(now, smsc_out);
    esme.on_open(now, out);
    take(out);
    take(smsc_out);
  }

  Random random;
  MonoTime now{Millis{0}};
  EsmeSession esme{{.system_id = "acct", .password = Secret("pw"), .system_type = "", .address_range = {}}};
  SmscSession smsc{{}};
  std::string to_smsc, to_esme;
  bool is_broken = false;
  Auditor auditor;
  Token next_token = 1;
  Token next_deliver = 1;
  std::set<Token> delivers;
  std::vector<std::pair<std::uint32_t, std::string>> unanswered_submits;
  std::vector<std::uint32_t> unanswered_delivers;
};

}  // namespace

TEST_CASE("under random cuts, delays, silence and breaks every submit has exactly one fate") {
  std::size_t answered = 0, lost = 0, late = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Pair pair(seed);
    for (int i = 0; i < 1'500; ++i) {
      pair.step();
      if (pair.is_broken || below(pair.random, 400) == 0) pair.reconnect();
    }
    pair.reconnect();
    answered += pair.auditor.count(Auditor::Fate::answered);
    lost += pair.auditor.count(Auditor::Fate::lost);
    late += pair.auditor.count(Auditor::Fate::answered_late);
    CHECK(pair.esme.counters().malformed_pdus == 0);
    CHECK(pair.smsc.counters().malformed_pdus == 0);
  }
  // A test in which none of these happens would check nothing.
  CHECK(answered > 1'000);
  CHECK(lost > 100);
  CHECK(late > 10);
}

TEST_CASE("random octets never break a session, and end it only for a bad length") {
  Random random(9);
  for (int round = 0; round < 2'000; ++round) {
    EsmeSession esme{EsmeSettings{}};
    Actions out;
    const MonoTime now{Millis{0}};
    esme.on_open(now, out);
    for (int i = 0; i < 5; ++i) {
      const std::string body = octets(random, below(random, 60));
      const std::uint32_t ids[] = {1, 4, 5, 6, 9, 0x15, 0x80000000, 0x80000004, 0x80000005, 0x80000009, 0x80000015};
      esme.on_octets(raw_pdu(ids[below(random, std::size(ids))], static_cast<std::uint32_t>(below(random, 3)),
                             static_cast<std::uint32_t>(below(random, 3)), body),
                     now, out);
    }
    for (const Close& close : only<Close>(out)) CHECK(close.reason != CloseReason::framing_error);
  }
}
