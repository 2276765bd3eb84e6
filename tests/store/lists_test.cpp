// Lists, templates, the guard's counts and what is noted by hand: of every engine.
#include <doctest/doctest.h>

#include "engines.h"
#include "sample_otp.h"

#define ENGINES MemoryEngine, NearEngine, LmdbEngine, PlainEngine, SharedAsked, StormyEngine, PgAsked

using namespace xion;

namespace {

ListEntry entry_of(ListKind kind, AppId app, ListSubject of, std::string value, std::uint32_t phone = 0) {
  ListEntry entry;
  entry.kind = kind;
  entry.app = app;
  entry.subject = of;
  entry.value = std::move(value);
  if (of == ListSubject::phone) entry.phone = subject(phone);
  entry.created_at = noon;
  return entry;
}

const ListedNumber number{subject(7), "+37499123456", "AM"};

}  // namespace

ON_ENGINES("the narrowest entry of a list speaks for a number, of its app or of all, also after a restart", ENGINES) {
  const auto value = [&](AppId app) {
    const auto found = engine.ask([&](Txn& txn) { return txn.listed(ListKind::block, app, number, engine.now); });
    return found ? std::string(to_string(found->subject)) + found->value : std::string();
  };
  CHECK(value(1).empty());
  engine.run([](Txn& txn) { txn.put(entry_of(ListKind::block, 0, ListSubject::country, "AM")); });
  CHECK(value(1) == "countryAM");
  engine.run([](Txn& txn) {
    txn.put(entry_of(ListKind::block, 1, ListSubject::prefix, "+3749"));
    txn.put(entry_of(ListKind::block, 1, ListSubject::prefix, "+37499"));
    txn.put(entry_of(ListKind::block, 1, ListSubject::prefix, "+37491"));
    txn.put(entry_of(ListKind::allow, 1, ListSubject::phone, "", 7));
  });
  CHECK(value(1) == "prefix+37499");
  CHECK(value(2) == "countryAM");
  engine.reopen();
  CHECK(value(1) == "prefix+37499");
  engine.run([](Txn& txn) { txn.put(entry_of(ListKind::block, 0, ListSubject::phone, "mask", 7)); });
  CHECK(value(1) == "phonemask");
  CHECK(engine.ask([](Txn& txn) {
    return txn.remove(entry_of(ListKind::block, 0, ListSubject::phone, "other mask", 7)).has_value();
  }));
  CHECK_FALSE(engine.ask(
      [](Txn& txn) { return txn.remove(entry_of(ListKind::block, 0, ListSubject::phone, "mask", 7)).has_value(); }));
  CHECK(value(1) == "prefix+37499");
  CHECK(engine.ask([](Txn& txn) { return txn.list_entries(ListKind::block).size(); }) == 4);
  CHECK(engine.ask([](Txn& txn) { return txn.list_entries(ListKind::allow).size(); }) == 1);
}

ON_ENGINES("an entry that has expired says nothing", ENGINES) {
  ListEntry entry = entry_of(ListKind::block, 0, ListSubject::phone, "mask", 7);
  entry.expires_at = noon + Seconds{60};
  engine.run([&](Txn& txn) { txn.put(entry); });
  const auto is_listed = [&] {
    return engine.ask([&](Txn& txn) { return txn.listed(ListKind::block, 1, number, engine.now).has_value(); });
  };
  CHECK(is_listed());
  engine.now = noon + Seconds{60};
  CHECK_FALSE(is_listed());
}

ON_ENGINES("a refused request is in the log, and is nobody's newest request", ENGINES) {
  Otp sent = sample_otp(noon, 1, 1);
  end(sent, OtpStatus::verified, noon);
  Otp refused = sample_otp(noon + Seconds{1}, 2, 1);
  refused.messages.clear();
  refused.reason = "phone_blocked";
  refused.policy_events.push_back({noon, true, 0, "phone_blocked: phone"});
  end(refused, OtpStatus::blocked, noon + Seconds{1});
  engine.run([&](Txn& txn) {
    txn.insert(sent);
    txn.insert(refused);
  });
  const LiveKey key{1, sent.phone, sent.purpose};
  CHECK(engine.ask([&](Txn& txn) { return txn.latest_otp(key); }) == sent.id);
  CHECK(engine.ask([&](Txn& txn) { return txn.live_otp(key); }) == std::nullopt);
  CHECK(engine.ask([&](Txn& txn) { return txn.otp(refused.id)->policy_events.size(); }) == 1);
}

ON_ENGINES("failed verifies and resets are remembered across a restart", ENGINES) {
  const HistoryKey failures{HistoryKind::failed_verifies_of_user_ip, 1, subject(3)};
  const HistoryKey resets{HistoryKind::resets, 1, subject(3)};
  engine.run([&](Txn& txn) {
    for (int i = 0; i < 5; ++i) txn.note(failures, {noon, 0});
    txn.note(resets, {noon, 0});
  });
  engine.reopen();
  const auto count = [&](const HistoryKey& key) {
    return engine.ask([&](Txn& txn) { return txn.history(key, noon - Seconds{60}).size(); });
  };
  CHECK(count(failures) == 5);
  CHECK(count(resets) == 1);
  engine.now = noon + std::chrono::hours{25};
  CHECK(engine.ask([&](Txn& txn) { return txn.prune(noon, engine.now, 100); }) > 0);
  engine.reopen();
  CHECK(count(failures) == 0);
}

ON_ENGINES("a template replaces the one of its app, name and locale", ENGINES) {
  MessageTemplate text{.app = 1, .name = "default", .locale = "en", .text = "{code}", .created_at = noon};
  engine.run([&](Txn& txn) { txn.put(text); });
  text.text = "{code}!";
  engine.run([&](Txn& txn) { txn.put(text); });
  text.locale = "hy";
  engine.run([&](Txn& txn) { txn.put(text); });
  engine.reopen();
  const auto all = engine.ask([](Txn& txn) { return txn.templates(); });
  REQUIRE(all.size() == 2);
  CHECK(all[0].text == "{code}!");
  CHECK(engine.ask([&](Txn& txn) { return txn.remove(text); }));
  CHECK_FALSE(engine.ask([&](Txn& txn) { return txn.remove(text); }));
}

ON_ENGINES("the guard counts the same after a restart, and knows good days for a fortnight", ENGINES) {
  const auto make = [&](std::uint32_t n, bool is_verified) {
    Otp otp = sample_otp(engine.now, n, n);
    otp.number_block = 99;
    engine.run([&](Txn& txn) {
      txn.insert(otp);
      txn.note_send(otp);
    });
    if (!is_verified) return;
    end(otp, OtpStatus::verified, engine.now);
    engine.run([&](Txn& txn) {
      txn.put(otp);
      txn.note_verified(otp);
    });
  };
  const TrafficKey country = traffic_keys(sample_otp(noon, 0, 0)).front();
  const auto told = [&] { return engine.ask([&](Txn& txn) { return txn.traffic(country, engine.now); }); };
  for (std::uint32_t n = 0; n < 15; ++n) make(n, n < 12);
  CHECK(told().unverified_day == 3);
  CHECK(told().verified_hour == 12);
  engine.reopen();
  CHECK(told().unverified_day == 3);
  CHECK(told().verified_hour == 12);
  CHECK(told().best_verified_day == 0);  // today is no day of the past
  engine.now = noon + std::chrono::days{1};
  CHECK(engine.ask([](Txn&) { return true; }));
  CHECK(told().best_verified_day == 12);
  engine.reopen();
  CHECK(told().best_verified_day == 12);
  engine.now = noon + std::chrono::days{5};
  engine.reopen();
  CHECK(told().best_verified_day == 12);
  CHECK(told().verified_day == 0);
  engine.now = noon + std::chrono::days{15};
  CHECK(told().best_verified_day == 0);
}
