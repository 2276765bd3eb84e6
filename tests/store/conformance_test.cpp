// What every engine has to do, whatever it is made of: a new one joins by its line in ENGINES.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/otp/delivery_rules.h"
#include "core/otp/otp_record.h"
#include "core/otp/otp_rules.h"
#include "engines.h"
#include "sample_otp.h"

#define ENGINES MemoryEngine, NearEngine, LmdbEngine, PlainEngine, SharedAsked, StormyEngine, PgAsked

using namespace xion;

namespace {

constexpr std::size_t all = 1'000'000;

std::vector<OtpId> ids_of(const std::vector<Otp>& otps) {
  std::vector<OtpId> ids;
  for (const Otp& otp : otps) ids.push_back(otp.id);
  return ids;
}
std::vector<OtpId> ids_of(const std::vector<OutboxEntry>& entries) {
  std::vector<OtpId> ids;
  for (const OutboxEntry& entry : entries) ids.push_back(entry.otp);
  return ids;
}
App app(AppId id, const char* name, const char* plan) {
  App made;
  made.id = id;
  made.name = name;
  made.plan = plan;
  made.overrides["ttl_seconds"] = "120";
  return made;
}
StoredReceipt receipt(const std::string& id, WallTime at) {
  return {.carrier = "primary",
          .smsc_message_id = id,
          .state = MessageState::delivered,
          .error = "000",
          .received_at = at,
          .phones = {{subject(7), subject(8)}}};
}
std::optional<SubmissionRef> only(const std::vector<SubmissionRef>& refs) {
  CHECK(refs.size() <= 1);
  return refs.empty() ? std::nullopt : std::optional(refs.front());
}

}  // namespace

ON_ENGINES("a request is read back as it was inserted, and a second one can't take its id", ENGINES) {
  const Otp otp = sample_otp(noon, 1, 1);
  CHECK(engine.ask([&](Txn& txn) { return txn.insert(otp); }));
  CHECK_FALSE(engine.ask([&](Txn& txn) { return txn.insert(sample_otp(noon, 1, 2)); }));
  const auto read = engine.ask([&](Txn& txn) { return txn.otp(otp.id); });
  REQUIRE(read.has_value());
  CHECK(to_record(*read) == to_record(otp));
  CHECK_FALSE(engine.ask([&](Txn& txn) { return txn.otp(id_at(noon, 2)); }).has_value());
  CHECK_FALSE(engine.ask([&](Txn& txn) { return txn.live_otp(key_of(sample_otp(noon, 1, 2))); }).has_value());
}

ON_ENGINES("a key has the request that is pending, and an app, phone or purpose of another has not", ENGINES) {
  Otp otp = sample_otp(noon, 1, 1);
  engine.run([&](Txn& txn) { txn.insert(otp); });
  CHECK(engine.ask([&](Txn& txn) { return txn.live_otp(key_of(otp)); }) == otp.id);
  CHECK(engine.ask([&](Txn& txn) { return txn.live_otp({2, otp.phone, "default"}); }) == std::nullopt);
  CHECK(engine.ask([&](Txn& txn) { return txn.live_otp({1, subject(2), "default"}); }) == std::nullopt);
  CHECK(engine.ask([&](Txn& txn) { return txn.live_otp({1, otp.phone, "login"}); }) == std::nullopt);

  engine.now += Seconds{3600};
  CHECK(engine.ask([&](Txn& txn) { return txn.live_otp(key_of(otp)); }) ==
        otp.id);  // past its expiry: the rules decide
  end(otp, OtpStatus::expired, engine.now);
  engine.run([&](Txn& txn) { txn.put(otp); });
  CHECK(engine.ask([&](Txn& txn) { return txn.live_otp(key_of(otp)); }) == std::nullopt);
}

ON_ENGINES("an ended request is the latest of its key for an hour, until a newer one comes", ENGINES) {
  Otp otp = sample_otp(noon, 1, 1);
  end(otp, OtpStatus::verified, noon + Seconds{10});
  engine.run([&](Txn& txn) { txn.insert(otp); });
  const auto latest = [&] { return engine.ask([&](Txn& txn) { return txn.latest_otp(key_of(otp)); }); };

  SUBCASE("an hour") {
    engine.now = noon + Seconds{3609};
    engine.run([&](Txn& txn) { txn.put(otp); });  // a receipt that comes late does not make it newer
    CHECK(latest() == otp.id);
    engine.now = noon + Seconds{3611};
    CHECK(latest() == std::nullopt);
  }
  SUBCASE("a newer one") {
    Otp newer = sample_otp(noon + Seconds{20}, 2, 1);
    engine.now = noon + Seconds{20};
    engine.run([&](Txn& txn) { txn.insert(newer); });
    CHECK(latest() == newer.id);
    end(newer, OtpStatus::canceled, engine.now);
    engine.run([&](Txn& txn) { txn.put(newer); });
    CHECK(latest() == newer.id);
    engine.run([&](Txn& txn) { txn.put(otp); });
    CHECK(latest() == newer.id);
  }
}

ON_ENGINES("pending requests expire oldest first, at their moment, not before, and ended ones never", ENGINES) {
  std::vector<Otp> otps;
  for (std::uint32_t n = 0; n < 4; ++n) otps.push_back(sample_otp(noon, n, n));
  otps[0].expires_at = noon + Seconds{30};
  otps[1].expires_at = noon + Seconds{10};
  otps[2].expires_at = noon + Seconds{20};
  end(otps[3], OtpStatus::verified, noon);
  engine.run([&](Txn& txn) {
    for (const Otp& otp : otps) txn.insert(otp);
  });
  const auto expiring = [&](WallTime until, std::size_t limit) {
    return engine.ask([&](Txn& txn) { return txn.expiring(until, limit); });
  };
  CHECK(expiring(noon + Seconds{10} - Millis{1}, all).empty());
  CHECK(expiring(noon + Seconds{10}, all) == std::vector{otps[1].id});
  CHECK(expiring(noon + Seconds{99}, all) == std::vector{otps[1].id, otps[2].id, otps[0].id});
  CHECK(expiring(noon + Seconds{99}, 2).size() == 2);
  end(otps[1], OtpStatus::expired, noon + Seconds{10});
  engine.run([&](Txn& txn) { txn.put(otps[1]); });
  CHECK(expiring(noon + Seconds{20}, all) == std::vector{otps[2].id});
}

ON_ENGINES("the log is read newest first, page after page", ENGINES) {
  std::vector<Otp> otps;
  for (std::uint32_t n = 0; n < 5; ++n) otps.push_back(sample_otp(noon + Seconds{n}, n, n));
  engine.run([&](Txn& txn) {
    for (const Otp& otp : otps) txn.insert(otp);
  });
  const auto recent = [&](std::optional<OtpId> before, std::size_t limit) {
    return ids_of(engine.ask([&](Txn& txn) { return txn.recent(before, limit); }));
  };
  CHECK(recent({}, 2) == std::vector{otps[4].id, otps[3].id});
  CHECK(recent(otps[3].id, 2) == std::vector{otps[2].id, otps[1].id});
  CHECK(recent(otps[1].id, 2) == std::vector{otps[0].id});
  CHECK(recent(otps[0].id, 2).empty());
  CHECK(recent(first_otp_id_at(noon + Seconds{99}), 1) == std::vector{otps[4].id});
  CHECK(recent({}, 0).empty());
}

ON_ENGINES("the outbox holds queued messages only, nearest deadline first", ENGINES) {
  Otp late = sample_otp(noon, 1, 1), soon = sample_otp(noon, 2, 2), test = sample_otp(noon, 3, 3);
  soon.expires_at = noon + Seconds{60};
  test.test = true;
  engine.run([&](Txn& txn) {
    for (const Otp& otp : {late, soon, test}) txn.insert(otp);
  });
  const auto outbox = [&] { return engine.ask([&](Txn& txn) { return txn.outbox(all); }); };
  const auto size = [&] { return engine.ask([&](Txn& txn) { return txn.outbox_size(); }); };
  CHECK(ids_of(outbox()) == std::vector{soon.id, late.id});
  CHECK(outbox()[0].expires_at == soon.expires_at);
  CHECK(size() == 2);

  submit_to(soon, 0, "primary", "", noon);
  engine.run([&](Txn& txn) { txn.put(soon); });
  CHECK(ids_of(outbox()) == std::vector{late.id});

  soon.messages[0].state = MessageState::superseded;
  queue_again(soon, noon);
  engine.run([&](Txn& txn) { txn.put(soon); });
  REQUIRE(size() == 2);
  CHECK(outbox()[0].message == 1);

  end(late, OtpStatus::verified, noon);
  engine.run([&](Txn& txn) { txn.put(late); });
  CHECK(size() == 1);
}

ON_ENGINES("only an earlier process's messages without an outcome are unsettled, until they have one", ENGINES) {
  Otp submitting = sample_otp(noon, 1, 1), unknown = sample_otp(noon, 2, 2), submitted = sample_otp(noon, 3, 3);
  submit_to(submitting, 0, "primary", "", noon + Seconds{1});
  submit_to(unknown, 0, "primary", "", noon + Seconds{1});
  unknown.messages[0].state = unknown.messages[0].submissions[0].state = MessageState::unknown;
  submit_to(unknown, 0, "backup", "", noon + Seconds{2});
  submit_to(submitted, 0, "primary", "A1", noon + Seconds{1});
  engine.run([&](Txn& txn) {
    for (const Otp& otp : {submitting, unknown, submitted}) txn.insert(otp);
  });
  const auto unsettled = [&] { return engine.ask([&](Txn& txn) { return txn.unsettled(all); }); };
  CHECK(unsettled().empty());

  engine.now += Seconds{5};
  engine.reopen();
  CHECK(unsettled() == std::vector<SubmissionRef>{{submitting.id, 0, 0, 0}, {unknown.id, 0, 1, 0}});

  submit_to(submitting, 0, "backup", "B1", noon + Seconds{6});
  engine.run([&](Txn& txn) { txn.put(submitting); });
  CHECK(unsettled() == std::vector<SubmissionRef>{{unknown.id, 0, 1, 0}});
}

ON_ENGINES("a carrier's id finds its submission, after the outcome too, for that carrier alone", ENGINES) {
  Otp otp = sample_otp(noon, 1, 1);
  submit_to(otp, 0, "primary", "00ab", noon);
  submit_to(otp, 0, "backup", "17", noon);
  otp.messages[0].submissions[1].segments.push_back({.smsc_message_id = "18"});
  engine.run([&](Txn& txn) { txn.insert(otp); });
  const auto find = [&](std::string_view carrier, std::string_view id) {
    return engine.ask([&](Txn& txn) { return only(txn.submissions(carrier, id)); });
  };
  CHECK(find("primary", "00ab") == SubmissionRef{otp.id, 0, 0, 0});
  CHECK(find("backup", "18") == SubmissionRef{otp.id, 0, 1, 1});
  CHECK(find("backup", "00ab") == std::nullopt);
  CHECK(find("primary", "AB") == SubmissionRef{otp.id, 0, 0, 0});  // Neither case nor zeros in front count.
  CHECK(find("primary", "ab0") == std::nullopt);

  deliver(otp, 0, noon + Seconds{3});
  engine.run([&](Txn& txn) { txn.put(otp); });
  CHECK(find("backup", "18") == SubmissionRef{otp.id, 0, 1, 1});
  engine.now += std::chrono::hours{50};
  CHECK(find("backup", "18") == std::nullopt);
  CHECK(find("primary", "00ab") == std::nullopt);
}

ON_ENGINES("an id that several messages have finds each of them, the newer request first, after a restart too",
           ENGINES) {
  Otp older = sample_otp(noon, 1, 1), newer = sample_otp(noon + Seconds{1}, 2, 2);
  submit_to(older, 0, "primary", "7", noon);
  submit_to(newer, 0, "primary", "7", noon + Seconds{1});
  engine.run([&](Txn& txn) {
    txn.insert(older);
    txn.insert(newer);
    txn.put(older);
  });
  const auto find = [&] {
    std::vector<OtpId> ids;
    for (const SubmissionRef& ref : engine.ask([&](Txn& txn) { return txn.submissions("primary", "7"); }))
      ids.push_back(ref.otp);
    return ids;
  };
  const std::vector<OtpId> both{newer.id, older.id};
  CHECK(find() == both);
  deliver(older, 0, noon + Seconds{2});
  engine.run([&](Txn& txn) { txn.put(older); });
  CHECK(find() == both);
  engine.reopen();
  CHECK(find() == both);
  deliver(newer, 0, noon + Seconds{2});
  engine.run([&](Txn& txn) { txn.put(newer); });
  CHECK(find() == both);
  engine.reopen();
  CHECK(find() == both);
}

ON_ENGINES("of more messages with one id than are told apart the newest are found", ENGINES) {
  engine.run([&](Txn& txn) {
    for (std::uint8_t n = 0; n < 9; ++n) {
      Otp otp = sample_otp(noon + Seconds{n}, n, n);
      submit_to(otp, 0, "primary", "7", noon + Seconds{n});
      txn.insert(otp);
    }
  });
  const auto refs = engine.ask([&](Txn& txn) { return txn.submissions("primary", "7"); });
  REQUIRE(refs.size() == messages_of_an_id);
  CHECK(made_at(refs.front().otp) == noon + Seconds{8});
  CHECK(made_at(refs.back().otp) == noon + Seconds{1});
}

ON_ENGINES("a parked receipt is taken once, the oldest first, also after a restart", ENGINES) {
  engine.run([&](Txn& txn) {
    txn.park(receipt("A", noon));
    txn.park(receipt("B", noon));
    auto second = receipt("A", noon);
    second.state = MessageState::undelivered;
    txn.park(second);
  });
  engine.reopen();
  const auto take = [&](std::string_view id) {
    return engine.ask([&](Txn& txn) -> std::optional<StoredReceipt> {
      const auto parked = txn.parked("primary", id);
      return parked.empty() ? std::nullopt : txn.take_receipt(parked.front().row);
    });
  };
  const auto first = take("A");
  REQUIRE(first.has_value());
  CHECK(first->state == MessageState::delivered);
  CHECK(first->error == "000");
  CHECK(first->received_at == noon);
  CHECK(first->phones == std::vector<NamedPhone>{{subject(7), subject(8)}});
  CHECK(take("A")->state == MessageState::undelivered);
  CHECK_FALSE(take("A").has_value());
  CHECK(engine.ask([&](Txn& txn) { return txn.parked("backup", "B"); }).empty());
}

ON_ENGINES("a parked receipt that waited too long becomes unmatched, and is found there newest first", ENGINES) {
  engine.run([&](Txn& txn) {
    for (int n = 0; n < 4; ++n) txn.park(receipt(std::to_string(n), noon + Seconds{n}));
  });
  CHECK(engine.ask([&](Txn& txn) { return txn.give_up_parked(noon + Seconds{3}, 2); }) == 2);
  CHECK(engine.ask([&](Txn& txn) { return txn.give_up_parked(noon + Seconds{3}, 2); }) == 1);
  CHECK(engine.ask([&](Txn& txn) { return txn.give_up_parked(noon + Seconds{3}, 2); }) == 0);
  const auto unmatched = engine.ask([&](Txn& txn) { return txn.unmatched(3); });
  REQUIRE(unmatched.size() == 3);
  CHECK(unmatched[0].smsc_message_id == "3");  // Still parked: who looks sees it at once.
  CHECK(unmatched[1].smsc_message_id == "2");
  CHECK(unmatched[2].smsc_message_id == "1");
  CHECK(engine.ask([&](Txn& txn) { return txn.parked("primary", "1"); }).empty());
  CHECK(engine.ask([&](Txn& txn) { return txn.parked("primary", "3"); }).size() == 1);
  CHECK(engine.ask([&](Txn& txn) { return txn.take_receipt(unmatched[2].row); })->smsc_message_id == "1");
  CHECK_FALSE(engine.ask([&](Txn& txn) { return txn.take_receipt(unmatched[2].row); }).has_value());
}

ON_ENGINES("a receipt is parked under both of its ids, and says why it belongs to no message", ENGINES) {
  auto both = receipt("TLV-1", noon);
  both.other_id = "text-1";
  both.why = WhyUnmatched::phone_disagrees;
  both.candidate = sample_otp(noon, 1, 1).id;
  both.shown_phone = "…671";
  both.shown_candidate_phone = "+374••••056";
  both.state_word = "GONE";
  engine.run([&](Txn& txn) { txn.park(both); });
  engine.reopen();
  for (const char* id : {"tlv-1", "text-1"}) {
    const auto found = engine.ask([&](Txn& txn) { return txn.parked("primary", id); });
    REQUIRE(found.size() == 1);
    CHECK(found[0].why == both.why);
    CHECK(found[0].candidate == both.candidate);
    CHECK(found[0].shown_phone == both.shown_phone);
    CHECK(found[0].shown_candidate_phone == both.shown_candidate_phone);
    CHECK(found[0].state_word == both.state_word);
  }
  const auto row = engine.ask([&](Txn& txn) { return txn.unmatched(1); }).at(0).row;
  CHECK(engine.ask([&](Txn& txn) { return txn.take_receipt(row); }).has_value());
  CHECK(engine.ask([&](Txn& txn) { return txn.parked("primary", "text-1"); }).empty());
}

/// Where other nodes park, too, nobody knows.
TEST_CASE_TEMPLATE("no receipt is parked once it was taken out", E, MemoryEngine, NearEngine, LmdbEngine, PlainEngine) {
  E engine;
  engine.run([&](Txn& txn) { txn.park(receipt("1", noon)); });
  CHECK(engine.ask([&](Txn& txn) { return txn.has_parked(); }));
  const auto row = engine.ask([&](Txn& txn) { return txn.unmatched(1); }).at(0).row;
  CHECK(engine.ask([&](Txn& txn) { return txn.take_receipt(row); }).has_value());
  CHECK_FALSE(engine.ask([&](Txn& txn) { return txn.has_parked(); }));
}

ON_ENGINES("of one carrier 20,000 receipts wait for their response, the next is unmatched at once", ENGINES) {
  engine.run([&](Txn& txn) {
    for (std::size_t n = 0; n < parked_of_carrier_max + 2; ++n) txn.park(receipt(std::to_string(n), noon));
  });
  const auto count_of = [&](std::size_t n) {
    return engine.ask([&](Txn& txn) { return txn.parked("primary", std::to_string(n)); }).size();
  };
  CHECK(count_of(parked_of_carrier_max - 1) == 1);
  CHECK(count_of(parked_of_carrier_max) == 0);
  engine.run([&](Txn& txn) {
    auto other = receipt("x", noon);
    other.carrier = "backup";
    txn.park(other);
  });
  CHECK(engine.ask([&](Txn& txn) { return txn.parked("backup", "x"); }).size() == 1);
}

ON_ENGINES("at most 10,000 unmatched receipts are kept, the newest", ENGINES) {
  engine.run([&](Txn& txn) {
    for (int n = 0; n < 10'003; ++n) txn.park(receipt(std::to_string(n), noon + Millis{n}));
    txn.give_up_parked(noon + Seconds{60}, all);
  });
  const auto unmatched = engine.ask([&](Txn& txn) { return txn.unmatched(all); });
  CHECK(unmatched.size() == 10'000);
  CHECK(unmatched.back().smsc_message_id == "3");
}

ON_ENGINES("apps and keys are kept, and a removed app's keys go with it", ENGINES) {
  const auto key = [](const char* id, AppId app) {
    ApiKey made;
    made.id = id;
    made.app = app;
    made.networks = {"10.0.0.0/8"};
    return made;
  };
  engine.run([&](Txn& txn) {
    txn.put(app(1, "shop", "starter"));
    txn.put(app(2, "bank", "starter"));
    txn.put(key("key_a", 1));
    txn.put(key("key_b", 2));
    txn.put(app(2, "bank", "growth"));
  });
  engine.reopen();
  const auto apps = engine.ask([](Txn& txn) { return txn.apps(); });
  REQUIRE(apps.size() == 2);
  CHECK(apps[0].overrides.at("ttl_seconds") == "120");
  CHECK(apps[1].plan == "growth");
  engine.run([](Txn& txn) { txn.remove_app(1); });
  CHECK(engine.ask([](Txn& txn) { return txn.apps(); }).size() == 1);
  const auto keys = engine.ask([](Txn& txn) { return txn.api_keys(); });
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].id == "key_b");
  CHECK(keys[0].networks == std::vector<std::string>{"10.0.0.0/8"});
}

ON_ENGINES("an app id is never given twice, whatever was removed", ENGINES) {
  const auto next = [](Txn& txn) { return txn.next_app_id(); };
  const AppId first = engine.ask(next);
  CHECK(first != 0);
  engine.run([&](Txn& txn) {
    txn.put(app(first, "shop", "starter"));
    txn.remove_app(first);
  });
  CHECK(engine.ask(next) > first);
  engine.reopen();
  CHECK(engine.ask(next) > first + 1);
}

ON_ENGINES("counters add up per app and day, seen by the transaction that counts", ENGINES) {
  const Day today = day_of(noon);
  const auto sends = [&](AppId app, Day day) {
    return engine.ask([&](Txn& txn) { return txn.counters(app, day)[static_cast<std::size_t>(Counter::sends)]; });
  };
  engine.run([&](Txn& txn) {
    txn.count(1, today, Counter::sends, 1);
    txn.count(1, today, Counter::sends, 2);
    txn.count(1, today, Counter::segments, 7);
    txn.count(2, today - 1, Counter::sends, 4);
    CHECK(txn.counters(1, today)[static_cast<std::size_t>(Counter::sends)] == 3);
  });
  engine.reopen();
  engine.run([&](Txn& txn) { txn.count(1, today, Counter::sends, 1); });
  CHECK(sends(1, today) == 4);
  CHECK(sends(2, today - 1) == 4);
  CHECK(sends(1, today - 1) == 0);
}

ON_ENGINES("a phone's and an address's sends are remembered for a day, each once however often it is put", ENGINES) {
  Otp otp = sample_otp(noon, 1, 1);
  otp.user_ip = subject(99);
  engine.run([&](Txn& txn) { txn.insert(otp); });
  queue_again(otp, noon + Seconds{30});
  engine.now += Seconds{30};
  engine.run([&](Txn& txn) {
    txn.put(otp);
    txn.put(otp);
    txn.insert(sample_otp(noon, 2, 1));  // another purpose of the same phone, in the same millisecond
  });
  const auto sends = [&](HistoryKind kind, std::uint32_t of, AppId app, WallTime since) {
    return engine.ask([&](Txn& txn) { return txn.history({kind, app, subject(of)}, since); }).size();
  };
  CHECK(sends(HistoryKind::sends_of_phone, 1, 1, noon) == 3);
  CHECK(sends(HistoryKind::sends_of_phone, 1, 1, noon + Seconds{1}) == 1);
  CHECK(sends(HistoryKind::sends_of_phone, 1, 2, noon) == 0);
  CHECK(sends(HistoryKind::sends_of_phone, 2, 1, noon) == 0);
  CHECK(sends(HistoryKind::sends_of_user_ip, 99, 1, noon) == 2);
  engine.reopen();
  CHECK(sends(HistoryKind::sends_of_phone, 1, 1, noon) == 3);
  CHECK(sends(HistoryKind::sends_of_user_ip, 99, 1, noon) == 2);
  engine.now = noon + std::chrono::hours{24} + Seconds{1};
  CHECK(sends(HistoryKind::sends_of_phone, 1, 1, noon) == 1);
}

ON_ENGINES("each message counts for the address that it was asked for from", ENGINES) {
  Otp otp = sample_otp(noon, 1, 1);
  otp.user_ip = subject(7);
  engine.run([&](Txn& txn) { txn.insert(otp); });
  queue_again(otp, noon + Seconds{30});
  otp_rules::note_address(otp, subject(8));
  engine.run([&](Txn& txn) { txn.put(otp); });
  queue_again(otp, noon + Seconds{60});
  otp_rules::note_address(otp, std::nullopt);
  engine.run([&](Txn& txn) { txn.put(otp); });
  const auto sends = [&](std::uint32_t of) {
    return engine.ask([&](Txn& txn) { return txn.history({HistoryKind::sends_of_user_ip, 1, subject(of)}, noon); });
  };
  CHECK(sends(7).size() == 1);
  CHECK(sends(8).size() == 1);
  engine.reopen();
  engine.run([&](Txn& txn) { txn.put(otp); });
  CHECK(sends(7).size() == 1);
  CHECK(sends(8).size() == 1);
}

ON_ENGINES("an address's sends tell its phones apart", ENGINES) {
  engine.run([&](Txn& txn) {
    for (std::uint32_t n = 0; n < 3; ++n) {
      Otp otp = sample_otp(noon, n, n / 2);
      otp.user_ip = subject(99);
      txn.insert(otp);
    }
  });
  const HistoryKey key{HistoryKind::sends_of_user_ip, 1, subject(99)};
  const auto sends = engine.ask([&](Txn& txn) { return txn.history(key, noon); });
  REQUIRE(sends.size() == 3);
  std::vector<std::uint32_t> tags{sends[0].tag, sends[1].tag, sends[2].tag};
  std::ranges::sort(tags);
  CHECK(std::unique(tags.begin(), tags.end()) - tags.begin() == 2);
}

ON_ENGINES("a locked request counts against its phone, and a test request against nothing", ENGINES) {
  Otp locked = sample_otp(noon, 1, 1), test = sample_otp(noon, 2, 2);
  end(locked, OtpStatus::locked, noon + Seconds{9});
  test.test = true;
  test.user_ip = subject(99);
  end(test, OtpStatus::locked, noon);
  engine.run([&](Txn& txn) {
    txn.insert(locked);
    txn.put(locked);
    txn.insert(test);
  });
  const auto history = [&](HistoryKind kind, std::uint32_t of) {
    return engine.ask([&](Txn& txn) { return txn.history({kind, 1, subject(of)}, noon); });
  };
  REQUIRE(history(HistoryKind::locks_of_phone, 1).size() == 1);
  CHECK(history(HistoryKind::locks_of_phone, 1)[0].at == noon + Seconds{9});
  CHECK(history(HistoryKind::locks_of_phone, 2).empty());
  CHECK(history(HistoryKind::sends_of_phone, 2).empty());
  CHECK(history(HistoryKind::sends_of_user_ip, 99).empty());
}

ON_ENGINES("every failed verify that is noted counts, within its transaction too", ENGINES) {
  const HistoryKey key{HistoryKind::failed_verifies_of_user_ip, 1, subject(99)};
  engine.run([&](Txn& txn) {
    txn.note(key, {noon, 0});
    txn.note(key, {noon, 0});
    CHECK(txn.history(key, noon).size() == 2);
    CHECK(txn.history(key, noon + Millis{1}).empty());
  });
  engine.run([&](Txn& txn) { txn.note(key, {noon, 0}); });
  CHECK(engine.ask([&](Txn& txn) { return txn.history(key, noon); }).size() == 3);
  CHECK(engine.ask([&](Txn& txn) { return txn.history({key.kind, 2, key.subject}, noon); }).empty());
}

ON_ENGINES("an answer is replayed for 24 hours, over a restart too", ENGINES) {
  const Digest key{5}, other{6};
  engine.run([&](Txn& txn) { txn.put_answer(key, {{9}, 202, "Location: /v1/otp/x", "{\"ok\":true}"}, noon); });
  engine.reopen();
  const auto answer = [&](const Digest& of) { return engine.ask([&](Txn& txn) { return txn.answer(of); }); };
  const auto kept = answer(key);
  REQUIRE(kept.has_value());
  CHECK(kept->body_hash == Digest{9});
  CHECK(kept->http_status == 202);
  CHECK(kept->headers == "Location: /v1/otp/x");
  CHECK(kept->body == "{\"ok\":true}");
  CHECK_FALSE(answer(other).has_value());
  engine.now += std::chrono::hours{24} - Millis{1};
  CHECK(answer(key).has_value());
  engine.now += Millis{1};
  CHECK_FALSE(answer(key).has_value());
}

ON_ENGINES("passes of the dashboard are made, replaced and removed by their id, and are there after a restart",
           ENGINES) {
  const auto pass = [](const char* id, const char* person) {
    DashboardPass made;
    made.id = id;
    made.person = person;
    made.app = 1;
    made.created_at = noon;
    made.expires_at = noon + SessionLives{}.idle;
    return made;
  };
  engine.run([&](Txn& txn) {
    txn.put(pass("ses_b", "Ani"));
    txn.put(pass("inv_a", "Davit"));
    txn.put(pass("ses_c", "Nare"));
    txn.put(pass("ses_b", "Anahit"));
    CHECK(txn.dashboard_passes().size() == 3);  // As this transaction sees them.
  });
  engine.run([&](Txn& txn) {
    CHECK(txn.remove_dashboard_pass("ses_c"));
    CHECK_FALSE(txn.remove_dashboard_pass("ses_c"));
  });
  engine.reopen();
  const auto kept = engine.ask([](Txn& txn) { return txn.dashboard_passes(); });
  CHECK(kept == std::vector{pass("inv_a", "Davit"), pass("ses_b", "Anahit")});
}

ON_ENGINES("requests of test keys go after a day from among the others, some at a time, with all that found them",
           ENGINES) {
  std::vector<Otp> otps;
  for (std::uint32_t n = 0; n < 6; ++n) {
    otps.push_back(sample_otp(noon + Seconds{n}, n, n));
    otps.back().test = n % 2 == 1;
  }
  engine.run([&](Txn& txn) {
    for (const Otp& otp : otps) txn.insert(otp);
  });
  const auto prune = [&](Millis after) {
    return engine.ask([&](Txn& txn) { return txn.prune_tests(noon + std::chrono::days{1} + after, 3); });
  };
  CHECK(prune(Millis{0}) == 0);
  CHECK(prune(Millis{4'500}) == 3);
  engine.reopen();
  CHECK(prune(Millis{4'500}) == 2);
  CHECK(prune(Millis{4'500}) == 0);
  CHECK(ids_of(engine.ask([](Txn& txn) { return txn.recent({}, all); })) ==
        std::vector{otps[5].id, otps[4].id, otps[2].id, otps[0].id});
  CHECK(engine.ask([&](Txn& txn) { return txn.live_otp(key_of(otps[1])); }) == std::nullopt);
  CHECK(engine.ask([&](Txn& txn) { return txn.expiring(noon + Seconds{999}, all); }).size() == 4);
  const auto found = engine.ask([&](Txn& txn) {
    OtpFilter tests{.app = 1,
                    .is_test = true,
                    .phone = {},
                    .reference = {},
                    .name = {},
                    .status = {},
                    .delivery = {},
                    .country = {}};
    return txn.find(tests, {}, all);
  });
  CHECK(std::ranges::count_if(found.otps, [](const Otp& otp) { return otp.test; }) == 1);
}

ON_ENGINES("pruning removes a bounded number of old requests with all that found them, and answers that are over",
           ENGINES) {
  std::vector<Otp> otps;
  for (std::uint32_t n = 0; n < 5; ++n) otps.push_back(sample_otp(noon + Seconds{n}, n, n));
  engine.run([&](Txn& txn) {
    for (Otp& otp : otps) {
      submit_to(otp, 0, "primary", to_string(otp.id), otp.created_at);
      txn.insert(otp);
    }
    txn.put_answer({1}, {}, noon);
    txn.put_answer({2}, {}, noon + Seconds{1});
  });
  const auto prune = [&](WallTime before, WallTime now, std::size_t limit) {
    return engine.ask([&](Txn& txn) { return txn.prune(before, now, limit); });
  };
  CHECK(prune(noon + Seconds{3}, noon, 2) == 2);
  CHECK(prune(noon + Seconds{3}, noon, 2) == 1);
  CHECK(prune(noon + Seconds{3}, noon, 2) == 0);
  CHECK(ids_of(engine.ask([](Txn& txn) { return txn.recent({}, all); })) == std::vector{otps[4].id, otps[3].id});
  CHECK(engine.ask([&](Txn& txn) { return txn.live_otp(key_of(otps[2])); }) == std::nullopt);
  CHECK(engine.ask([&](Txn& txn) { return txn.submissions("primary", to_string(otps[2].id)).empty(); }));
  CHECK(engine.ask([&](Txn& txn) { return txn.expiring(noon + Seconds{999}, all); }).size() == 2);

  CHECK(prune(noon, noon + std::chrono::hours{24}, 9) == 1);
  CHECK(engine.ask([](Txn& txn) { return txn.answer({2}); }).has_value());
}
