// One store's records into another one of another engine, and back.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/guard/traffic_keys.h"
#include "core/otp/otp_record.h"
#include "engines.h"
#include "engines/store_copy.h"
#include "sample_otp.h"
#include "store/row_octets.h"

namespace xion {
namespace {

using store_copy::Applied;
using store_copy::LeftOut;
using store_copy::Page;
using store_copy::PageLimit;
using store_copy::Part;
using store_copy::Place;
using store_copy::SumsCheck;

constexpr std::size_t few = 3;

struct Copied {
  std::size_t same = 0, put = 0, erased = 0;
  LeftOut left_out{};
  std::size_t largest = 0;  ///< Records that were written at once.
};

/// All pages of one into the other, in small ones.
Copied copy(AskedEngine& from, AskedEngine& to, const PageLimit& limit = {.records = few}) {
  Copied all;
  for (std::optional<Place> place = Place{}; place;) {
    Page page = from.ask([&](Txn& txn) { return store_copy::read_page(txn.records(), from.now, *place, limit); });
    all.left_out.add(page.left_out);
    const bool is_of_sums = place->part == Part::counters || place->part == Part::sums;
    place = std::move(page.next);
    for (const Page& piece : store_copy::in_pieces(std::move(page), limit.records)) {
      const Applied applied = to.ask([&](Txn& txn) { return store_copy::apply(txn.records(), piece); });
      all.largest = std::max(all.largest, piece.size() + piece.traffic.size());
      if (is_of_sums) continue;
      all.same += applied.same;
      all.put += applied.put;
      all.erased += applied.erased;
    }
  }
  return all;
}

SumsCheck sums_of(AskedEngine& engine) {
  SumsCheck check;
  do {
    check = engine.ask([&](Txn& txn) { return store_copy::check_sums(txn.records(), engine.now, check, few); });
  } while (check.next);
  return check;
}

/// Some of everything.
void fill(AskedEngine& engine) {
  engine.run([](Txn& txn) {
    for (AppId id = 1; id <= 5; ++id) {
      App app;
      app.id = txn.next_app_id();
      app.name = "shop" + std::to_string(id);
      app.plan = "growth";
      txn.put(app);
    }
    ListEntry blocked;
    blocked.app = 1;
    blocked.subject = ListSubject::prefix;
    blocked.value = "+374990";
    txn.put(blocked);
    Webhook webhook;
    webhook.id = "wh_1";
    webhook.app = 1;
    webhook.url = "https://example.com/hook";
    txn.put(webhook);
    txn.set_last_backup(noon);
    for (std::uint8_t phone = 1; phone <= 10; ++phone) {
      GuessRow guesses;
      guesses.app = 1;
      guesses.phone = subject(phone);
      guesses.wrong = phone;
      txn.put(guesses);
    }
  });
  engine.run([](Txn& txn) {
    for (std::uint32_t n = 0; n < 20; ++n) {
      Otp otp = sample_otp(noon - std::chrono::days{n % 4}, n, n % 5);
      if (n % 4 != 0) end(otp, OtpStatus::verified, made_at(otp.id));
      txn.insert(otp);
      txn.note_send(otp);
      txn.count(1, day_of(noon) - static_cast<Day>(n % 4), Counter::requests);
    }
    REQUIRE(txn.take_quota(1, month_of(noon), 100));
    for (int times = 0; times < 3; ++times) txn.note({HistoryKind::resets, 1, subject(1)}, {noon, 0});
    txn.note({HistoryKind::sends_of_end_user, 1, subject(2)}, {noon - Millis{5}, 7});
    for (std::uint8_t key = 1; key <= 5; ++key) {
      Digest digest{};
      digest.fill(key);
      txn.put_answer(digest, {.body_hash = {}, .http_status = 202, .headers = {}, .body = "{}"}, noon);
    }
    txn.park({.carrier = "primary", .smsc_message_id = "41", .error = "000", .received_at = noon});
    txn.keep_unmatched({.carrier = "primary", .smsc_message_id = "42", .error = "000", .received_at = noon});
    AuditEvent event;
    event.at = noon;
    event.command = "app add";
    for (int n = 0; n < 4; ++n) txn.add(event);
    txn.queue(*txn.webhook("wh_1"), "otp.test", "{}");
  });
}

void expect_the_same(AskedEngine& one, AskedEngine& other) {
  const auto both = [&](auto question) { CHECK(one.ask(question) == other.ask(question)); };
  both([](Txn& txn) {
    std::map<std::string, std::string> all;
    for (const Otp& otp : txn.recent({}, 1'000)) all[to_string(otp.id)] = to_record(otp);
    return all;
  });
  both([](Txn& txn) { return txn.apps().size(); });
  both([](Txn& txn) { return txn.next_app_id(); });
  both([](Txn& txn) {
    return txn.listed(ListKind::block, 1, {.e164 = "+37499012345", .country = "AM"}, noon).has_value();
  });
  both([](Txn& txn) { return txn.guesses(1, subject(7)).wrong; });
  both([](Txn& txn) { return txn.history({HistoryKind::resets, 1, subject(1)}, noon).size(); });
  both([](Txn& txn) { return txn.history({HistoryKind::sends_of_phone, 1, subject(1)}, WallTime{}).size(); });
  both([](Txn& txn) {
    Digest digest{};
    digest.fill(3);
    return txn.answer(digest)->http_status;
  });
  both([](Txn& txn) { return txn.parked("primary", "41").size(); });
  both([](Txn& txn) { return txn.unmatched(100).size(); });
  both([](Txn& txn) {
    std::size_t events = 0;
    txn.scan_audit([&](const AuditEvent&) { return ++events > 0; });
    return events;
  });
  both([](Txn& txn) { return txn.due_deliveries("wh_1", noon + std::chrono::days{1}, 10, {}).size(); });
  both([](Txn& txn) { return txn.quota(1, month_of(noon), 100).used; });
  both([](Txn& txn) { return txn.counters(1, day_of(noon)); });
  both([](Txn& txn) { return txn.stats(1, StatKind::all, day_of(noon) - 9, day_of(noon))[""].counts; });
  both([](Txn& txn) { return txn.expiring(noon + std::chrono::days{1}, 100).size(); });
  both([](Txn& txn) { return txn.outbox(100).size(); });
  CHECK(sums_of(one) == sums_of(other));
  CHECK(sums_of(one).rows > 0);
}

}  // namespace

ON_ENGINES("a copy of a store is the same in another engine, and back", MemoryEngine, SharedAsked, PgAsked) {
  LmdbEngine source;
  fill(source);
  const Copied first = copy(source, engine);
  CHECK(first.put > 50);
  CHECK(first.erased == 0);
  CHECK(first.left_out.notes + first.left_out.answers + first.left_out.unreadable == 0);
  CHECK(first.largest == few);
  CHECK(copy(source, engine).put == 0);  // What is the same stays.
  expect_the_same(source, engine);
  LmdbEngine back;
  CHECK(copy(engine, back).largest == few);
  back.reopen();
  expect_the_same(source, back);
}

ON_ENGINES("what goes on in a store while it is copied is caught up with", MemoryEngine, SharedAsked) {
  LmdbEngine source;
  fill(source);
  copy(source, engine);
  source.run([](Txn& txn) {
    txn.remove_app(2);
    auto otp = txn.recent({}, 1).front();
    otp.status = OtpStatus::canceled;
    txn.put(otp);
    txn.insert(sample_otp(noon, 99, 9));
    auto due = txn.due_deliveries("wh_1", noon + std::chrono::days{1}, 1, {}).front();
    due.state = DeliveryState::delivered;
    txn.put(due);
    REQUIRE(txn.take_receipt(txn.parked("primary", "41").front().row));
    REQUIRE(txn.prune(noon - std::chrono::days{2}, noon, 1'000) > 0);
  });
  const Copied second = copy(source, engine);
  CHECK(second.put > 0);
  CHECK(second.erased > 0);
  expect_the_same(source, engine);
  CHECK(copy(source, engine).put == 0);
}

ON_ENGINES("of several answers under one key the last one goes over", MemoryEngine, SharedAsked, PgAsked) {
  LmdbEngine source;
  Digest key{};
  key.fill(7);
  for (const std::uint16_t status : {std::uint16_t{409}, std::uint16_t{202}})
    source.run([&](Txn& txn) {
      txn.put_answer(key, {.body_hash = {}, .http_status = status, .headers = {}, .body = "{}"},
                     noon - Seconds{status});
    });
  CHECK(copy(source, engine).left_out.answers == 1);
  CHECK(copy(source, engine).put == 0);
  CHECK(engine.ask([&](Txn& txn) { return txn.answer(key)->http_status; }) == 202);
}

TEST_CASE_TEMPLATE("what no engine counts any more is left out, and the copy comes to an end", E, MemoryEngine,
                   SharedAsked) {
  LmdbEngine source;
  constexpr int noted = 2'030;
  const HistoryKey flooded{HistoryKind::sends_of_end_user, 1, subject(1)};
  const HistoryKey old{HistoryKind::resets, 1, subject(2)};
  source.run([&](Txn& txn) {
    for (int n = 0; n < noted; ++n) txn.note(flooded, {noon - Seconds{n / 2}, static_cast<std::uint32_t>(n)});
    txn.note(old, {noon - note_kept + Seconds{30}, 0});
    txn.note(old, {noon - std::chrono::hours{1}, 0});
  });
  E there;
  const Copied first = copy(source, there, {.records = 300});
  CHECK(first.left_out.notes == 31);
  CHECK(copy(source, there, {.records = 300}).put == 0);
  CHECK(there.ask([&](Txn& txn) { return txn.history(flooded, WallTime{}).size(); }) == 2'000);
  CHECK(there.ask([&](Txn& txn) { return txn.history(old, WallTime{}).size(); }) == 1);
  LmdbEngine back;
  copy(there, back, {.records = 300});
  CHECK(copy(there, back, {.records = 300}).put == 0);
  CHECK(back.ask([&](Txn& txn) { return txn.history(flooded, WallTime{}).size(); }) == 2'000);
}

TEST_CASE_TEMPLATE("a page is as large as its octets, however few its records", E, LmdbEngine, SharedAsked) {
  E source;
  constexpr std::size_t octets = 10'000;
  source.run([&](Txn& txn) {
    for (std::uint8_t n = 1; n <= 12; ++n) {
      Digest key{};
      key.fill(n);
      txn.put_answer(key, {.body_hash = {}, .http_status = 202, .headers = {}, .body = std::string(octets, 'x')}, noon);
    }
  });
  MemoryEngine there;
  CHECK(copy(source, there, {.records = 100, .octets = 3 * octets}).largest == 3);
  CHECK(copy(source, there, {.records = 100, .octets = 3 * octets}).put == 0);
}

TEST_CASE("what the guard has counted goes over a few subjects at a time") {
  SharedAsked source, there;
  fill(source);
  CHECK(copy(source, there).largest == few);
  for (std::uint32_t n = 0; n < 20; ++n)
    for (const TrafficKey& key : traffic_keys(sample_otp(noon, n, n % 5))) {
      const auto sent = [&](Txn& txn) { return txn.traffic(key, noon).unverified_day; };
      CHECK(source.ask(sent) > 0);
      CHECK(source.ask(sent) == there.ask(sent));
    }
}

TEST_CASE("a request that can't be read is told of, and those after it go over") {
  MemoryEngine source;
  source.run([](Txn& txn) {
    for (std::uint32_t n = 0; n < 10; ++n) txn.insert(sample_otp(noon + Millis{n}, n, n));
  });
  sim::MemoryKv& disk = source.disk();
  disk.begin();
  disk.put(Table::otps, as_text(sample_otp(noon + Millis{2}, 2, 2).id.octets), "nonsense");
  disk.commit();
  source.reopen();
  SharedAsked there;
  CHECK(copy(source, there).left_out.unreadable == 1);
  CHECK(there.ask([](Txn& txn) { return txn.recent({}, 100).size(); }) == 9);
}

}  // namespace xion
