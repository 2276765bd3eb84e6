#include <doctest/doctest.h>

#include "engines.h"
#include "sample_otp.h"

using namespace xion;

namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::uint32_t others = 3'000;  ///< Of which small runs seal some fifty.

/// Many sends of somebody else, a few minutes' worth.
template <typename Engine>
void send_much_else(Engine& engine, std::uint32_t first = 10'000) {
  for (std::uint32_t n = first; n < first + others; n += 100)
    engine.run([&](Txn& txn) {
      for (std::uint32_t i = n; i < n + 100; ++i) {
        Otp otp = sample_otp(engine.now, i, i);
        otp.app = 2;
        otp.user_ip = subject(i + 1'000'000);
        submit_to(otp, 0, "primary", std::to_string(i), engine.now);
        deliver(otp, 0, engine.now);
        end(otp, OtpStatus::verified, engine.now);
        txn.note_send(otp);
        txn.insert(otp);
        txn.put_answer({static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8), 7}, {}, engine.now);
      }
    });
}

}  // namespace

TEST_CASE("an answer is replayed for a day, whatever came in between, and not longer") {
  MemoryEngine engine;
  engine.run([&](Txn& txn) { txn.put_answer({1, 2, 3}, {{}, 202, {}, "kept"}, engine.now); });
  send_much_else(engine);
  engine.now += hours{12};
  send_much_else(engine, 50'000);
  const auto body = [&] {
    return engine.ask([](Txn& txn) { return txn.answer({1, 2, 3}).value_or(StoredAnswer{}).body; });
  };
  CHECK(body() == "kept");
  engine.now = noon + hours{24} - Millis{1};
  CHECK(body() == "kept");
  engine.reopen();
  CHECK(body() == "kept");
  engine.now += Millis{1};
  CHECK(body().empty());
}

TEST_CASE(
    "a receipt finds its message for 49 hours, also by an id that came when much had been sealed after the send") {
  MemoryEngine engine;
  Otp otp = sample_otp(engine.now, 1, 1);
  engine.run([&](Txn& txn) { txn.insert(otp); });
  send_much_else(engine);
  engine.now += minutes{50};
  engine.run([&](Txn& txn) {
    auto late = txn.otp(otp.id);
    submit_to(*late, 0, "primary", "ABC", engine.now);
    txn.put(*late);
  });
  const auto found = [&] {
    const auto refs = engine.ask([](Txn& txn) { return txn.submissions("primary", "00abc"); });
    return refs.empty() ? OtpId{} : refs.front().otp;
  };
  CHECK(found() == otp.id);
  engine.reopen();
  CHECK(found() == otp.id);
  send_much_else(engine, 50'000);
  engine.now = noon + hours{48};
  send_much_else(engine, 90'000);
  engine.reopen();
  CHECK(found() == otp.id);
  engine.now = noon + hours{50};
  CHECK(found() == OtpId{});
}

TEST_CASE("one app's thousands of sends leave the limits, locks and resets of another's phones and addresses alone") {
  MemoryEngine engine;
  const HistoryKey phone{HistoryKind::sends_of_phone, 1, subject(1)}, lock{HistoryKind::locks_of_phone, 1, subject(1)},
      address{HistoryKind::sends_of_user_ip, 1, subject(2)}, reset{HistoryKind::resets, 1, subject(2)};
  for (std::uint32_t n = 0; n < 10; ++n)
    engine.run([&](Txn& txn) {
      engine.now += Seconds{1};
      Otp otp = sample_otp(engine.now, n, 1);
      otp.user_ip = subject(2);
      end(otp, n < 3 ? OtpStatus::locked : OtpStatus::verified, engine.now);
      txn.insert(otp);
      txn.note(reset, {engine.now, 0});
    });
  for (int hour = 0; hour < 20; hour += 5) {
    engine.now += hours{5};
    send_much_else(engine, 10'000 * static_cast<std::uint32_t>(hour + 1));
    if (hour == 10) engine.reopen();
    const auto count = [&](const HistoryKey& key) {
      return engine.ask([&](Txn& txn) { return txn.history(key, engine.now - hours{24}); }).size();
    };
    CHECK(count(phone) == 10);
    CHECK(count(lock) == 3);
    CHECK(count(address) == 10);
    CHECK(count(reset) == 10);
  }
}

TEST_CASE("the guard's counts of an address outlive thousands of other addresses and a restart") {
  MemoryEngine engine;
  Otp otp = sample_otp(engine.now, 1, 1);
  otp.user_ip = subject(5);
  otp.country = "AM";
  for (int i = 0; i < 5; ++i) engine.run([&](Txn& txn) { txn.note_send(otp); });
  const auto unverified = [&] {
    return engine.ask([&](Txn& txn) { return txn.traffic(traffic_keys(otp)[1], engine.now).unverified_day; });
  };
  CHECK(unverified() == 5);
  send_much_else(engine);
  engine.now += hours{20};
  CHECK(unverified() == 5);
  engine.reopen();
  CHECK(unverified() == 5);
  send_much_else(engine, 50'000);
  engine.reopen();
  CHECK(unverified() == 5);
  engine.now += hours{5};
  CHECK(unverified() == 0);
}
