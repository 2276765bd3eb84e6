// What is kept of the data file itself and of its carriers, not of requests.
#include <doctest/doctest.h>

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
