#include "core/otp/charges.h"

#include <doctest/doctest.h>

#include <map>

#include "core/otp/delivery_rules.h"
#include "core/otp/otp_rules.h"
#include "core/otp/otp_sums.h"
#include "core/prices.h"
#include "unit/core/sample.h"

using namespace xion;
using namespace xion::sample;

namespace {

const Prices prices{"EUR", {{"cheap", {{"+374", 30}}}, {"dear", {{"+", 110}}}}};
constexpr std::string_view phone = "+37499123456";

Otp priced() {
  Otp otp = sample::otp();
  otp.currency = "EUR";
  return otp;
}

void claim(Otp& otp, std::size_t message, std::string_view carrier, std::uint8_t parts, WallTime at,
           const Prices& list = prices) {
  REQUIRE(otp_rules::begin_submission(otp, message, carrier, parts, at));
  set_part_price(otp, message, list, phone);
}

/// Sums as an engine keeps them.
struct Rows {
  std::map<std::tuple<int, AppId, std::int32_t, StatKind, std::string>, StatSums> rows;
  StatSums& sums(const SumsPlace& place, StatKind kind, std::string_view name) {
    return rows[{static_cast<int>(place.period), place.app, place.when, kind, std::string(name)}];
  }
  bool has_sums(const SumsPlace&) { return false; }
  StatSums& of(std::int32_t when, StatKind kind, std::string_view name) {
    return sums({SumsPlace::Period::day, 7, when}, kind, name);
  }
};

}  // namespace

TEST_CASE("a part costs nothing until its carrier accepts it, then what it cost when the carrier got it") {
  Otp otp = priced();
  claim(otp, 0, "cheap", 2, after_seconds(1));
  CHECK(price_of(otp) == 0);
  otp_rules::accepted(otp, ref(0, 1), "id", after_seconds(2));
  CHECK(price_of(otp) == 30);
  otp_rules::accepted(otp, ref(0, 0), "", after_seconds(2));
  CHECK(price_of(otp) == 60);
}

TEST_CASE("a refusal costs nothing, and the failover what the next carrier asks for") {
  Otp otp = priced();
  claim(otp, 0, "cheap", 1, after_seconds(1));
  otp_rules::refused(otp, ref(0), 0x45, true, after_seconds(2));
  CHECK(price_of(otp) == 0);
  claim(otp, 0, "dear", 1, after_seconds(2));
  otp_rules::accepted(otp, ref(1), "id", after_seconds(3));
  CHECK(price_of(otp) == 110);
}

TEST_CASE("an unanswered submit costs nothing, and what a late answer says after all") {
  Otp otp = priced();
  claim(otp, 0, "cheap", 1, after_seconds(1));
  otp_rules::outcome_unknown(otp, ref(0), after_seconds(20));
  CHECK(price_of(otp) == 0);
  REQUIRE(otp_rules::resend_unknown(otp, ref(0), after_seconds(21)));
  claim(otp, 0, "dear", 1, after_seconds(21));
  otp_rules::accepted(otp, ref(1), "id", after_seconds(22));
  CHECK(price_of(otp) == 110);
  otp_rules::accepted(otp, ref(0), "late", after_seconds(30));
  CHECK(price_of(otp) == 140);
}

TEST_CASE("a message on its way holds the most that it may cost, no more than once") {
  Otp otp = priced();
  Message& message = otp.messages[0];
  message.held = 220;
  CHECK(held_for(message) == 220);
  claim(otp, 0, "cheap", 2, after_seconds(1));
  CHECK(held_for(message) == 220);
  otp_rules::accepted(otp, ref(0, 0), "one", after_seconds(2));
  CHECK(price_of(message) + held_for(message) == 220);
  otp_rules::accepted(otp, ref(0, 1), "two", after_seconds(2));
  CHECK(held_for(message) == 0);
  CHECK(price_of(message) == 60);
}

TEST_CASE("nothing has a price where there is no currency, or another one by now") {
  Otp plain = sample::otp();
  claim(plain, 0, "cheap", 1, after_seconds(1));
  otp_rules::accepted(plain, ref(0), "id", after_seconds(2));
  CHECK(price_of(plain) == 0);
  Prices dollars = prices;
  dollars.currency = "USD";
  Otp otp = priced();
  claim(otp, 0, "cheap", 1, after_seconds(1), dollars);
  otp_rules::accepted(otp, ref(0), "id", after_seconds(2));
  CHECK(price_of(otp) == 0);
}

TEST_CASE("a resend in the next month is billed with that month, whatever its request's day") {
  using namespace std::chrono;
  const WallTime before = sys_days{year{2026} / 11 / 30} + hours{23} + minutes{59};
  const WallTime behind = sys_days{year{2026} / 12 / 1} + minutes{1};
  Otp otp = priced();
  otp.id = first_otp_id_at(before);
  otp.created_at = before;
  otp.expires_at = before + Seconds{600};
  otp.messages[0].queued_at = before;
  Rows rows;
  const auto key_of = [](WallTime at) { return CounterPeriod(month_of(at)).key(); };
  claim(otp, 0, "cheap", 1, before);
  otp_rules::SubmissionRef first{.otp = otp.id, .message = 0, .submission = 0, .segment = 0};
  otp_rules::accepted(otp, first, "id", before);
  const OtpShare one = share_of(otp);
  otp_sums::replace(rows, otp.app, otp.id, {}, one, [] { return true; });
  otp_rules::add_message(otp, behind);
  otp.messages[1].is_overage = true;
  claim(otp, 1, "dear", 1, behind);
  otp_rules::SubmissionRef second{.otp = otp.id, .message = 1, .submission = 0, .segment = 0};
  otp_rules::accepted(otp, second, "id2", behind);
  otp_sums::replace(rows, otp.app, otp.id, one, share_of(otp), [] { return true; });
  CHECK(spent(rows.of(key_of(before), StatKind::spend, "EUR"), Spent::price) == 30);
  CHECK(spent(rows.of(key_of(before), StatKind::spend, "EUR"), Spent::messages) == 1);
  CHECK(spent(rows.of(key_of(behind), StatKind::spend, "EUR"), Spent::price) == 110);
  CHECK(spent(rows.of(day_of(behind), StatKind::spend, "EUR"), Spent::price) == 110);
  const StatSums armenia = rows.of(key_of(behind), StatKind::destination, destination_name("EUR", "AM"));
  CHECK(spent(armenia, Spent::overage) == 1);
  CHECK(spent(armenia, Spent::overage_price) == 110);
  CHECK(read_destination_name(destination_name("EUR", "AM")).country == "AM");
  CHECK(end_of(month_of(before)) == sys_days{year{2026} / 12 / 1});
  CHECK(next_day(before) == sys_days{year{2026} / 12 / 1});
}

TEST_CASE("test requests add no cost") {
  Otp otp = priced();
  otp.test = true;
  CHECK(share_of(otp).charges.empty());
}
