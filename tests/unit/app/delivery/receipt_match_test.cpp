#include "app/delivery/receipt_match.h"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "crypto/code_vault.h"
#include "domain/txn.h"
#include "shared/shared_engine.h"
#include "sim/memory_kv.h"
#include "sim/shared_database.h"
#include "sim/sim_store.h"
#include "sim/virtual_loop.h"

using namespace xion;

namespace {

OtpId otp_number(std::uint8_t n) {
  OtpId id;
  id.octets.back() = n;
  return id;
}
MatchCandidate exact(std::uint8_t otp, PhoneFit fit, bool awaits = true) {
  return {.fit = fit, .is_exact = true, .order = 1, .awaits_receipt = awaits, .otp = otp_number(otp)};
}
MatchCandidate in_other_base(std::uint8_t otp, PhoneFit fit) {
  return {.fit = fit, .is_exact = false, .order = 3, .awaits_receipt = true, .otp = otp_number(otp)};
}

/// Which request it is, or why none.
std::string chosen(const std::vector<MatchCandidate>& candidates) {
  const auto index = choose_match(candidates);
  if (!index) return std::string(to_string(index.error()));
  return std::to_string(candidates[*index].otp.octets.back());
}

PhoneFit fit(std::vector<std::string> named, std::string_view e164) { return phone_fit(named, e164); }

}  // namespace

TEST_CASE("which message a receipt is about") {
  using enum PhoneFit;
  struct Row {
    const char* what;
    std::vector<MatchCandidate> candidates;
    const char* chosen;
  };
  const std::vector<Row> rows{
      {"nothing has the id", {}, "id_unknown"},
      {"an exact id with its phone", {exact(1, same)}, "1"},
      {"an exact id is the proof, however the phone is spelt", {exact(1, disagrees)}, "1"},
      {"an exact id, and no phone at all", {exact(1, none_named)}, "1"},
      {"another base needs the phone", {in_other_base(1, disagrees)}, "phone_disagrees"},
      {"another base with the phone", {in_other_base(1, national)}, "1"},
      {"another base, and no phone at all", {in_other_base(1, none_named)}, "1"},
      {"another base: the last digits alone are too little", {in_other_base(1, tail)}, "phone_disagrees"},
      {"the phone of another base goes before another phone's exact id",
       {exact(1, disagrees), in_other_base(2, same)},
       "2"},
      {"an exact id with its phone goes before another base", {exact(1, same), in_other_base(2, same)}, "1"},
      {"an exact id stays the proof beside another base with another phone",
       {exact(1, disagrees), in_other_base(2, disagrees)},
       "1"},
      {"one id of two phones: the phone tells", {exact(1, disagrees), exact(2, same)}, "2"},
      {"one id of two phones: so do the last digits", {exact(1, tail), exact(2, disagrees)}, "1"},
      {"one id of two phones, and neither's", {exact(1, disagrees), exact(2, disagrees)}, "phone_disagrees"},
      {"one id of two phones, both with these last digits", {exact(1, tail), exact(2, tail)}, "phone_disagrees"},
      {"one id of two messages of one request", {exact(1, disagrees), exact(1, disagrees)}, "1"},
      {"an id used again after days", {exact(2, same), exact(1, same, false)}, "2"},
      {"an id used again for the same phone: the one that awaits a receipt",
       {exact(2, same, false), exact(1, same)},
       "1"},
      {"an id used again, and no phone: the newest that awaits one", {exact(2, none_named), exact(1, none_named)}, "2"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(chosen(row.candidates) == row.chosen);
  }
}

TEST_CASE("how a number goes with a phone") {
  using enum PhoneFit;
  struct Row {
    const char* what;
    std::vector<std::string> named;
    const char* e164;
    PhoneFit fit;
  };
  const std::vector<Row> rows{
      {"itself", {"37499123056"}, "+37499123056", same},
      {"in either address", {"37411223344", "37499123056"}, "+37499123056", same},
      {"without the country code", {"99123056"}, "+37499123056", national},
      {"with a porting prefix", {"4237499123056"}, "+37499123056", national},
      {"Mexico's old 1", {"5215512345671"}, "+525512345671", respelt},
      {"Argentina without its 9", {"541123456780"}, "+5491123456780", respelt},
      {"Argentina's 15", {"54111523456781"}, "+5491123456781", tail},
      {"Brazil without its ninth digit", {"551187654321"}, "+5511987654321", respelt},
      {"another phone", {"37499123057"}, "+37499123056", disagrees},
      {"another phone of another country with the same last digits", {"4915212345678"}, "+393512345678", tail},
      {"none", {}, "+37499123056", none_named},
      {"too short to be one's end", {"3056"}, "+37499123056", disagrees},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(fit(row.named, row.e164) == row.fit);
  }
}

TEST_CASE("the numbers of a receipt are the digits at the end of its addresses, if they are a phone's") {
  const auto named = [](const char* source, const char* destination) {
    return named_numbers({1, 1, source}, {1, 1, destination});
  };
  CHECK(named("+37499123056", "XionID") == std::vector<std::string>{"37499123056"});
  CHECK(named("XionID", "0037499123056") == std::vector<std::string>{"37499123056"});
  CHECK(named("D05237499123056", "2020") == std::vector<std::string>{"5237499123056"});
  CHECK(named("37411223344", "37499123056") == std::vector<std::string>{"37411223344", "37499123056"});
  CHECK(named("", "").empty());
}

TEST_CASE("a base that is only learnt is no proof, one that is configured is") {
  using enum smpp::IdBase;
  const auto trusted = [](std::optional<smpp::IdBase> configured, std::optional<smpp::IdBase> learnt) {
    std::vector<smpp::IdBase> bases;
    for (const BaseToTry& each : bases_to_try(configured, learnt))
      if (each.is_trusted) bases.push_back(each.base);
    return bases;
  };
  CHECK(trusted(std::nullopt, std::nullopt) == std::vector{same});
  CHECK(trusted(std::nullopt, same) == std::vector{same});
  CHECK(trusted(std::nullopt, decimal).empty());
  CHECK(trusted(decimal, std::nullopt) == std::vector{decimal});
  CHECK(bases_to_try(hexadecimal, same).front().base == hexadecimal);
  CHECK(bases_to_try(std::nullopt, decimal).front().base == decimal);
  CHECK(bases_to_try(std::nullopt, decimal).size() == 3);
}

namespace {

/// A message whose submit another machine wrote down, so much later than its receipt came in by our clock.
bool is_found_in_other_base(Store& store, sim::VirtualLoop& loop, Millis later) {
  OpenSslVault vault(MasterKey(std::string(master_key_octets, 'k')));
  const WallTime came = loop.wall_now();  // The receipt.
  Otp otp;
  otp.id = make_otp_id(came, std::array<std::uint8_t, 5>{1, 2, 3, 4, 5});
  otp.app = 1;
  otp.phone = vault.phone_fingerprint("+37499123456");
  otp.phone_sealed = vault.seal(otp.id, "+37499123456");
  otp.created_at = came;
  otp.expires_at = came + Seconds{300};
  Submission submission;
  submission.carrier = "first";
  submission.state = MessageState::submitted;
  submission.at = came + later;
  submission.segments.push_back({"700000021", MessageState::submitted});
  Message& message = otp.messages.emplace_back();
  message.queued_at = came;
  message.state = MessageState::submitted;
  message.submissions.push_back(submission);
  StoredReceipt receipt;
  receipt.carrier = "first";
  receipt.smsc_message_id = "29b92715";
  receipt.phones = named_phones(std::vector<std::string>{"37499123456"}, vault);
  receipt.received_at = came;
  std::optional<bool> found;
  run_task(
      store, [otp](Txn& txn) { return txn.insert(otp); },
      [](Commit commit, bool) { REQUIRE(commit == Commit::durable); });
  loop.run(Seconds{5});
  run_task(
      store,
      [receipt, &vault](Txn& txn) mutable {
        const auto fit = [&](std::string_view e164) { return phone_fit(receipt.phones, e164, vault); };
        return match_receipt(txn, receipt, vault, bases_to_try(std::nullopt, std::nullopt), fit).has_value();
      },
      [&](Commit, bool is_found) { found = is_found; });
  loop.run(Seconds{5});
  REQUIRE(found.has_value());
  return *found;
}

struct VirtualTime {
  sim::Agenda agenda;
  sim::VirtualLoop loop{agenda, sim::Agenda::world, {}};
};
bool is_found_over_one_clock(Millis later) {
  VirtualTime time;
  sim::MemoryKv disk;
  auto store = sim::SimStore::open(time.loop, disk, {}, [] { return Millis{1}; });
  REQUIRE(store.has_value());
  return is_found_in_other_base(**store, time.loop, later);
}
bool is_found_over_many(Millis later) {
  VirtualTime time;
  sim::SharedDatabase database;
  sim::SimulatedRows rows(time.loop, database, sim::Seeded(1), {});
  SharedEngine engine(time.loop, rows, {});
  engine.open();
  return is_found_in_other_base(engine, time.loop, later);
}

}  // namespace

TEST_CASE("a receipt is of a message that was on its way when it came, by clocks that may differ") {
  CHECK(is_found_over_one_clock(Millis{-1'000}));
  CHECK_FALSE(is_found_over_one_clock(Millis{1'000}));
  CHECK(is_found_over_many(Millis{-1'000}));
  CHECK(is_found_over_many(Millis{3'000}));
  CHECK_FALSE(is_found_over_many(Millis{30'000}));
}
