// One store's records into another one of another engine, and back.
#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/otp/otp_record.h"
#include "engines.h"
#include "engines/store_copy.h"
#include "sample_otp.h"
#include "store/row_octets.h"

namespace xion {
namespace {

using store_copy::Applied;
using store_copy::Page;
using store_copy::Part;
using store_copy::Place;
using store_copy::SumsCheck;

constexpr std::size_t few = 3;

/// All pages of one into the other, in small ones.
Applied copy(AskedEngine& from, AskedEngine& to) {
  Applied all;
  for (std::optional<Place> place = Place{}; place;) {
    Page page = from.ask([&](Txn& txn) { return store_copy::read_page(txn.records(), *place, few); });
    const Applied applied = to.ask([&](Txn& txn) { return store_copy::apply(txn.records(), page); });
    const bool is_of_sums = place->part == Part::counters || place->part == Part::sums;
    if (!is_of_sums) {
      all.same += applied.same;
      all.put += applied.put;
      all.erased += applied.erased;
    }
    place = std::move(page.next);
  }
  return all;
}

SumsCheck sums_of(AskedEngine& engine) {
  SumsCheck check;
  do {
    check = engine.ask([&](Txn& txn) { return store_copy::check_sums(txn.records(), check, few); });
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
  const Applied first = copy(source, engine);
  CHECK(first.put > 50);
  CHECK(first.erased == 0);
  CHECK(copy(source, engine).put == 0);  // What is the same stays.
  expect_the_same(source, engine);
  LmdbEngine back;
  copy(engine, back);
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
  const Applied second = copy(source, engine);
  CHECK(second.put > 0);
  CHECK(second.erased > 0);
  expect_the_same(source, engine);
  CHECK(copy(source, engine).put == 0);
}

}  // namespace xion
