// What is kept of the data file itself and of its carriers, not of requests.
#include <doctest/doctest.h>

#include "core/otp/marks.h"
#include "core/otp/otp_record.h"
#include "engines.h"
#include "sample_otp.h"

#define ENGINES MemoryEngine, NearEngine, LmdbEngine, PlainEngine, SharedAsked, StormyEngine, PgAsked

using namespace xion;

ON_ENGINES("how an account writes ids is kept, the newest finding, also after a restart", ENGINES) {
  engine.run([](Txn& txn) {
    CHECK(txn.id_bases().empty());
    txn.put_id_base("primary", smpp::IdBase::same);
    txn.put_id_base("backup", smpp::IdBase::decimal);
    txn.put_id_base("primary", smpp::IdBase::hexadecimal);
  });
  engine.reopen();
  const auto bases = engine.ask([](Txn& txn) { return txn.id_bases(); });
  CHECK(bases ==
        std::map<std::string, smpp::IdBase>{{"primary", smpp::IdBase::hexadecimal}, {"backup", smpp::IdBase::decimal}});
}

ON_ENGINES("a key ring is kept beside others, or alone; a resealed phone changes nothing else", ENGINES) {
  const WrappedRing first{Digest{1}, "first"}, second{Digest{2}, "second"};
  Otp otp = sample_otp(noon, 1, 1);
  engine.run([&](Txn& txn) {
    txn.insert(otp);
    CHECK_FALSE(txn.has_key_ring(first.check_value));
    txn.put_key_ring(first);
    txn.put_key_ring(second);
    CHECK(txn.has_key_ring(first.check_value));
    CHECK(txn.has_key_ring(second.check_value));
    txn.keep_key_ring(second);
    CHECK_FALSE(txn.has_key_ring(first.check_value));
    CHECK(txn.has_key_ring(second.check_value));
    CHECK_FALSE(txn.reseal_mark().has_value());
    txn.set_reseal_mark(otp.id);
    txn.reseal(otp.id, "anew");
  });
  engine.run([&](Txn& txn) {
    CHECK(txn.reseal_mark() == otp.id);
    txn.set_reseal_mark(std::nullopt);
    CHECK_FALSE(txn.reseal_mark().has_value());
    otp.phone_sealed = "anew";
    CHECK(to_record(*txn.otp(otp.id)) == to_record(otp));
  });
}

ON_ENGINES("what is noted of an app goes with it", ENGINES) {
  const auto marks_of = [](Txn& txn, AppId id) {
    std::size_t marks = 0;
    for (const std::string_view prefix : {first_verified_prefix, threshold_prefix, alerts_prefix})
      marks += txn.records().thing(ThingKind::mark, mark_of_app(prefix, id)).has_value();
    return marks;
  };
  const auto note = [](Txn& txn, AppId id) {
    const Month month = month_of(noon);
    for (int n = 0; n < 8; ++n) txn.take_quota(id, month, 10);
    CHECK(txn.newly_reached(id, month, 10) == 80);
    txn.put_open_alerts(id, {Alert{}});
  };
  engine.run([&](Txn& txn) {
    note(txn, 1);
    note(txn, 2);
    CHECK(marks_of(txn, 1) == 2);
    txn.remove_app(1);
  });
  engine.reopen();
  CHECK(engine.ask([&](Txn& txn) { return marks_of(txn, 1); }) == 0);
  CHECK(engine.ask([&](Txn& txn) { return marks_of(txn, 2); }) == 2);
}
