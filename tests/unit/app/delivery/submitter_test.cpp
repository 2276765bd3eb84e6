#include "app/delivery/submitter.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace xion {
namespace {

using namespace submits;

constexpr std::uint32_t taken = smpp::status::ok;
constexpr std::uint32_t full = smpp::status::rmsgqful;

/// The submitting half of a bind on a desk: a clock that is moved by hand, and all that it said so far.
struct Bench {
  explicit Bench(CarrierSettings settings = {}, double account_rate = 0)
      : account(account_rate, std::max(1.0, account_rate / 10)),
        submitter(shared(std::move(settings)), account, counters) {
    submitter.on_bound();
  }
  static CarrierSettingsRef shared(CarrierSettings settings) {
    return std::make_shared<const CarrierSettings>(std::move(settings));
  }
  static CarrierSettings window_of(std::uint32_t window) {
    CarrierSettings settings;
    settings.window = window;
    return settings;
  }

  /// A carrier that takes as much as comes.
  static CarrierSettings of_no_rate() {
    CarrierSettings settings;
    settings.rate = 0;
    return settings;
  }

  OtpId otp(std::uint8_t number) const { return make_otp_id(WallTime{Millis{1}}, std::array<std::uint8_t, 5>{number}); }
  Outgoing message(std::uint8_t number, std::size_t segments = 1) const {
    Outgoing outgoing;
    outgoing.ref.otp = otp(number);
    outgoing.expires_at = now.wall + Seconds{300};
    for (std::size_t i = 0; i < segments; ++i) {
      auto& sm = outgoing.segments.emplace_back();
      sm.destination.digits = "3749912345" + std::to_string(number);
    }
    return outgoing;
  }
  void pass(Millis span) {
    now.mono += span;
    now.wall += span;
  }
  void take(Outgoing outgoing) { submitter.take(std::move(outgoing), now.mono, said); }
  /// Writes what may be written; gives the tokens.
  std::vector<smpp::Token> flush(std::size_t window_room = 100) {
    const std::size_t before = said.size();
    submitter.flush(now, window_room, said);
    std::vector<smpp::Token> tokens;
    for (std::size_t i = before; i < said.size(); ++i) {
      if (const auto* write = std::get_if<Write>(&said[i])) tokens.push_back(write->token);
    }
    return tokens;
  }
  void answer(smpp::Token token, std::uint32_t status, std::string id = "id") {
    submitter.on_answer(
        {.token = token, .status = status, .message_id = std::move(id), .round_trip = Millis{5}, .nack = false},
        now.mono, said);
  }
  template <typename Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const Verdict& verdict : said) {
      if (const auto* one = std::get_if<Kind>(&verdict)) found.push_back(*one);
    }
    return found;
  }

  Moment now{MonoTime{Millis{10'000}}, WallTime{Millis{1'770'897'600'000}}};
  TokenBucket account;
  LinkCounters counters;
  Submitter submitter;
  Verdicts said;
};

}  // namespace

TEST_CASE("a message is written, answered once, and is then forgotten") {
  Bench bench;
  bench.take(bench.message(1));
  const auto tokens = bench.flush();
  REQUIRE(tokens.size() == 1);
  bench.answer(tokens[0], taken, "A1");
  bench.answer(tokens[0], taken, "A1");
  REQUIRE(bench.all<Answered>().size() == 1);
  CHECK(bench.all<Answered>()[0].message_id == "A1");
  CHECK(bench.all<Answered>()[0].is_accepted);
  CHECK(bench.counters.accepted == 1);
}

TEST_CASE("no more is written than the window has room for, and the rest follows in order") {
  Bench bench(Bench::window_of(2));
  for (std::uint8_t i = 1; i <= 3; ++i) bench.take(bench.message(i));
  const auto tokens = bench.flush(2);
  REQUIRE(tokens.size() == 2);
  CHECK(bench.flush(0).empty());
  bench.answer(tokens[0], taken);
  CHECK(bench.flush(1).size() == 1);
  CHECK(bench.submitter.room(bench.now.mono) == 2 * 2 + 16 - 2);
}

TEST_CASE("a code that expired while it waited is not written") {
  Bench bench;
  bench.take(bench.message(1));
  bench.pass(Seconds{300});
  CHECK(bench.flush().empty());
  CHECK(bench.all<NotTaken>().size() == 1);
}

TEST_CASE("a throttled message waits at the head while the bind rests, and goes back after five seconds") {
  Bench bench;
  bench.take(bench.message(1));
  bench.take(bench.message(2));
  auto tokens = bench.flush();
  bench.answer(tokens[0], smpp::status::rthrottled);
  CHECK(bench.all<SlowedDown>().size() == 1);
  CHECK(bench.submitter.room(bench.now.mono) == 0);
  CHECK(bench.flush().empty());
  bench.pass(Pace::rest);
  REQUIRE(bench.submitter.next(bench.now.mono, true).has_value());
  CHECK(*bench.submitter.next(bench.now.mono, true) <= bench.now.mono);
  tokens = bench.flush();
  REQUIRE(tokens.size() == 1);
  CHECK(bench.all<NotTaken>().empty());
  bench.pass(Seconds{5});
  bench.answer(tokens[0], smpp::status::rthrottled);
  REQUIRE(bench.all<NotTaken>().size() == 1);
  CHECK(bench.all<NotTaken>()[0].ref.otp == bench.otp(1));
}

TEST_CASE("a phone's full queue holds its own message back and takes no room from the others") {
  Bench bench(Bench::of_no_rate());
  bench.take(bench.message(1));
  for (std::uint8_t i = 2; i <= 9; ++i) bench.take(bench.message(i));
  const auto tokens = bench.flush();
  REQUIRE(tokens.size() == 9);
  for (std::size_t i = 1; i < 9; ++i) bench.answer(tokens[i], taken);
  const std::size_t room = bench.submitter.room(bench.now.mono);
  bench.answer(tokens[0], full);
  CHECK(bench.submitter.room(bench.now.mono) == room + 1);
  CHECK(bench.flush().empty());
  bench.pass(Millis{500});
  const auto again = bench.flush();
  REQUIRE(again.size() == 1);
  bench.answer(again[0], taken);
  CHECK(bench.all<Answered>().size() == 9);
}

TEST_CASE("a queue that stays full sends its message elsewhere after three tries more") {
  Bench bench(Bench::of_no_rate());
  bench.take(bench.message(1));
  for (std::uint8_t i = 2; i <= 9; ++i) bench.take(bench.message(i));
  auto tokens = bench.flush();
  REQUIRE(tokens.size() == 9);
  for (std::size_t i = 1; i < 9; ++i) bench.answer(tokens[i], taken);
  std::size_t writes = 1;
  for (bench.answer(tokens[0], full); bench.all<NotTaken>().empty() && writes < 10; bench.answer(tokens[0], full)) {
    bench.pass(Seconds{8});
    tokens = bench.flush();
    REQUIRE(tokens.size() == 1);
    ++writes;
  }
  CHECK(writes == 4);
  CHECK(bench.all<NotTaken>()[0].status == full);
}

TEST_CASE("what has waited for half the response timeout goes back, and nothing is taken for a second") {
  Bench bench(Bench::window_of(1));
  bench.take(bench.message(1));
  bench.take(bench.message(2));
  bench.take(bench.message(3, 2));
  REQUIRE(bench.flush(1).size() == 1);
  bench.pass(CarrierSettings{}.response_timeout / 2);
  bench.submitter.shed(bench.now.mono, bench.said);
  CHECK(bench.all<NotTaken>().size() == 2);
  CHECK(bench.submitter.room(bench.now.mono) == 0);
}

TEST_CASE("what goes back after it was throttled says so, and what only waited behind it does not") {
  Bench bench;
  bench.take(bench.message(1));
  const auto tokens = bench.flush();
  REQUIRE(tokens.size() == 1);
  bench.answer(tokens[0], smpp::status::rthrottled);
  bench.take(bench.message(2));
  bench.pass(CarrierSettings{}.response_timeout / 2);
  bench.submitter.shed(bench.now.mono, bench.said);
  const auto back = bench.all<NotTaken>();
  REQUIRE(back.size() == 2);
  CHECK(back[0].status == smpp::status::rthrottled);
  CHECK(back[1].status == 0);
}

TEST_CASE("a text of which a part is written is not torn apart by waiting") {
  Bench bench(Bench::window_of(1));
  bench.take(bench.message(1, 2));
  REQUIRE(bench.flush(1).size() == 1);
  bench.pass(Seconds{60});
  bench.submitter.shed(bench.now.mono, bench.said);
  CHECK(bench.all<NotTaken>().empty());
}

TEST_CASE("a refused part takes the rest of its text with it") {
  Bench bench;
  bench.take(bench.message(1, 3));
  const auto tokens = bench.flush(1);
  REQUIRE(tokens.size() == 1);
  bench.answer(tokens[0], smpp::status::rinvdstadr);
  CHECK(bench.flush().empty());
  REQUIRE(bench.all<Answered>().size() == 1);
  CHECK_FALSE(bench.all<Answered>()[0].is_accepted);
}

TEST_CASE("a full window without an answer for a second takes nothing more") {
  Bench bench(Bench::window_of(1));
  bench.take(bench.message(1));
  const auto tokens = bench.flush(1);
  CHECK(bench.submitter.room(bench.now.mono) > 0);
  bench.pass(Seconds{1});
  CHECK(bench.submitter.room(bench.now.mono) == 0);
  bench.answer(tokens[0], taken);
  CHECK(bench.submitter.room(bench.now.mono) > 0);
}

TEST_CASE("no answer in time is an unknown outcome, and the answer that comes after it a late one") {
  Bench bench;
  bench.take(bench.message(1));
  const auto tokens = bench.flush();
  bench.submitter.on_lost({tokens[0], smpp::LossReason::response_timeout}, bench.said);
  REQUIRE(bench.all<Unknown>().size() == 1);
  CHECK(bench.all<Unknown>()[0].why == Unanswered::timed_out);
  bench.submitter.on_late_answer({.token = tokens[0], .status = taken, .message_id = "L1", .nack = false}, bench.said);
  bench.submitter.on_late_answer({.token = tokens[0], .status = taken, .message_id = "L1", .nack = false}, bench.said);
  REQUIRE(bench.all<AnsweredLate>().size() == 1);
  CHECK(bench.all<AnsweredLate>()[0].message_id == "L1");
}

TEST_CASE("a bind that the carrier takes for none writes nothing more and gives back what waits") {
  Bench bench(Bench::window_of(2));
  for (std::uint8_t i = 1; i <= 3; ++i) bench.take(bench.message(i));
  const auto tokens = bench.flush(2);
  bench.answer(tokens[0], smpp::status::rinvbndsts);
  CHECK(bench.all<NotTaken>().size() == 2);
  REQUIRE(bench.submitter.broken_until().has_value());
  CHECK(bench.submitter.room(bench.now.mono) == 0);
  CHECK(bench.submitter.next(bench.now.mono, true) == *bench.submitter.broken_until());
  bench.answer(tokens[1], taken);  // It may still answer what it took before.
  CHECK(bench.submitter.next(bench.now.mono, true) == bench.now.mono);
}

TEST_CASE("whatever is under way when a bind ends is told of once") {
  Bench bench(Bench::window_of(2));
  for (std::uint8_t i = 1; i <= 4; ++i) bench.take(bench.message(i));
  const auto tokens = bench.flush(2);
  bench.submitter.on_lost({tokens[0], smpp::LossReason::link_closed}, bench.said);
  bench.submitter.on_close(bench.said);  // The second was decided, and the session never got it.
  CHECK(bench.all<Unknown>().size() == 1);
  CHECK(bench.all<Unknown>()[0].why == Unanswered::connection_lost);
  CHECK(bench.all<NotTaken>().size() == 3);
  bench.take(bench.message(5));
  CHECK(bench.all<NotTaken>().size() == 4);
}

TEST_CASE("a withdrawn message is not written, and one that is throttled on the way is not written again") {
  Bench bench;
  bench.take(bench.message(1));
  const auto tokens = bench.flush();
  bench.take(bench.message(2));
  bench.submitter.withdraw(bench.otp(1), SIZE_MAX, bench.said);
  bench.submitter.withdraw(bench.otp(2), SIZE_MAX, bench.said);
  REQUIRE(bench.all<NotTaken>().size() == 1);
  bench.answer(tokens[0], smpp::status::rthrottled);
  CHECK(bench.all<NotTaken>().size() == 2);
}

TEST_CASE("a bind that stops gives back what waits and takes no more, until it goes on") {
  Bench bench(Bench::window_of(1));
  bench.take(bench.message(1));
  bench.take(bench.message(2));
  REQUIRE(bench.flush(1).size() == 1);
  bench.submitter.stop(bench.said);
  CHECK(bench.all<NotTaken>().size() == 1);
  CHECK(bench.submitter.room(bench.now.mono) == 0);
  bench.submitter.go_on();
  CHECK(bench.submitter.room(bench.now.mono) > 0);
}

TEST_CASE("the account's rate holds for all binds together") {
  Bench bench({}, 10);
  for (std::uint8_t i = 1; i <= 3; ++i) bench.take(bench.message(i));
  CHECK(bench.flush().size() == 1);
  CHECK(*bench.submitter.next(bench.now.mono, true) == bench.now.mono + Millis{100});
  bench.pass(Millis{100});
  CHECK(bench.flush().size() == 1);
}

TEST_CASE("what no PDU can be made of goes elsewhere, and was not submitted") {
  Bench bench;
  bench.take(bench.message(1));
  const auto tokens = bench.flush();
  bench.submitter.on_unpackable(tokens[0], bench.said);
  REQUIRE(bench.all<NotTaken>().size() == 1);
  CHECK(bench.counters.submitted == 0);
}

TEST_CASE("of inventive carriers' statuses so many are counted one by one, and the rest in one place") {
  LinkCounters counters;
  for (std::uint32_t status = 0; status < 100; ++status) counters.note_status(status);
  counters.note_status(3);
  CHECK(counters.statuses.size() == LinkCounters::statuses_at_most);
  CHECK(counters.statuses[3] == 2);
  CHECK(counters.other_statuses == 36);
}

}  // namespace xion
