#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "core/otp/delivery_rules.h"
#include "core/otp/otp.h"
#include "core/otp/otp_record.h"
#include "core/otp/otp_rules.h"
#include "core/otp/timeline.h"
#include "unit/core/sample.h"

using namespace xion;
using namespace xion::sample;

namespace {

/// A request with every field filled and a long story.
Otp eventful() {
  Otp otp = sample::otp();
  otp.test = true;
  otp.purpose = "login";
  static_cast<KeptFields&>(otp) = every_kept_field();
  otp.metadata = {{"k", std::string(300, 'v')}};
  otp.user_ip = Fingerprint{1, 2, 3};
  otp.generation = 2;
  otp.code_length = 10;
  otp.attempts_allowed = 3;
  otp_rules::begin_submission(otp, 0, "alpha", 2, after_seconds(1));
  otp_rules::accepted(otp, ref(0, 1), "id-two", after_seconds(2));
  otp_rules::outcome_unknown(otp, ref(0), after_seconds(21));
  otp_rules::resend_unknown(otp, ref(0), after_seconds(29));
  otp_rules::begin_submission(otp, 0, "beta", 1, after_seconds(29));
  otp_rules::refused(otp, ref(1), 0x55F, true, after_seconds(30));
  otp_rules::begin_submission(otp, 0, "gamma", 1, after_seconds(30));
  otp_rules::accepted(otp, ref(2), "1A2B3C", after_seconds(31));
  otp_rules::add_message(otp, after_seconds(60));
  otp_rules::begin_submission(otp, 1, "alpha", 1, after_seconds(60));
  otp_rules::accepted(otp, ref(0, 0, 1), "77", after_seconds(61));
  otp_rules::receipt(otp, ref(0, 0, 1), MessageState::undelivered, "0x8", after_seconds(63));
  otp_rules::verify(otp, false, after_seconds(70));
  otp_rules::verify(otp, true, after_seconds(80));
  otp.reason = "told otherwise";
  otp.number_block = 0xFFFFFFFF;
  otp.route_taken = "to-armenia";
  otp.converted_at = after_seconds(90);
  otp.currency = "EUR";
  otp.messages[0].submissions[0].part_price = 32'000;
  otp.messages[1].submissions[0].part_price = part_price_max;
  otp.messages[1].held = amount_max;
  otp.messages[1].is_overage = true;
  otp_rules::note_address(otp, Fingerprint{4, 5, 6});
  otp.own_code_sealed = "sealed under an id of its own";
  otp.policy_events = {{after_seconds(0), false, 0x15, ""}, {after_seconds(9), true, 0, "cooldown_active: cooldown"}};
  return otp;
}

void check_same(const Submission& a, const Submission& b) {
  CHECK(a.carrier == b.carrier);
  CHECK(a.part_price == b.part_price);
  CHECK(a.state == b.state);
  CHECK(a.at == b.at);
  CHECK(a.answered_at == b.answered_at);
  CHECK(a.command_status == b.command_status);
  CHECK(a.segments_expected == b.segments_expected);
  CHECK(a.receipt_at == b.receipt_at);
  CHECK(a.receipt_error == b.receipt_error);
  CHECK(a.overruled == b.overruled);
  CHECK(a.possible_duplicate == b.possible_duplicate);
  REQUIRE(a.segments.size() == b.segments.size());
  for (std::size_t i = 0; i < a.segments.size(); ++i) {
    CHECK(a.segments[i].smsc_message_id == b.segments[i].smsc_message_id);
    CHECK(a.segments[i].state == b.segments[i].state);
  }
}

bool is_same(const PolicyEvent& a, const PolicyEvent& b) {
  return a.at == b.at && a.is_refusal == b.is_refusal && a.guard_rules == b.guard_rules && a.reason == b.reason;
}

void check_same(const Otp& a, const Otp& b) {
  CHECK(static_cast<const KeptFields&>(a) == b);
  CHECK(a.id == b.id);
  CHECK(a.app == b.app);
  CHECK(a.test == b.test);
  CHECK(a.phone == b.phone);
  CHECK(a.phone_sealed == b.phone_sealed);
  CHECK(a.country == b.country);
  CHECK(a.calling_prefix == b.calling_prefix);
  CHECK(a.purpose == b.purpose);
  CHECK(a.user_ip == b.user_ip);
  CHECK(a.own_code_sealed == b.own_code_sealed);
  CHECK(a.currency == b.currency);
  CHECK(a.salt == b.salt);
  CHECK(a.generation == b.generation);
  CHECK(a.code_hash == b.code_hash);
  CHECK(a.code_length == b.code_length);
  CHECK(a.created_at == b.created_at);
  CHECK(a.expires_at == b.expires_at);
  CHECK(a.status == b.status);
  CHECK(a.reason == b.reason);
  CHECK(a.ended_at == b.ended_at);
  CHECK(a.attempts_allowed == b.attempts_allowed);
  CHECK(a.route_taken == b.route_taken);
  CHECK(a.number_block == b.number_block);
  CHECK(a.converted_at == b.converted_at);
  CHECK(std::ranges::equal(a.policy_events, b.policy_events, is_same));
  REQUIRE(a.failed_attempts.size() == b.failed_attempts.size());
  for (std::size_t i = 0; i < a.failed_attempts.size(); ++i) CHECK(a.failed_attempts[i].at == b.failed_attempts[i].at);
  REQUIRE(a.messages.size() == b.messages.size());
  for (std::size_t i = 0; i < a.messages.size(); ++i) {
    const Message &m = a.messages[i], &n = b.messages[i];
    CHECK(m.state == n.state);
    CHECK(m.generation == n.generation);
    CHECK(m.queued_at == n.queued_at);
    CHECK(m.ended_at == n.ended_at);
    CHECK(m.held == n.held);
    CHECK(m.is_overage == n.is_overage);
    CHECK(m.has_own_address == n.has_own_address);
    CHECK(m.user_ip == n.user_ip);
    REQUIRE(m.submissions.size() == n.submissions.size());
    for (std::size_t j = 0; j < m.submissions.size(); ++j) check_same(m.submissions[j], n.submissions[j]);
  }
}

}  // namespace

TEST_CASE("a request is read back as it was written, from the plainest to the most eventful") {
  for (const Otp& otp : {sample::otp(), eventful()}) {
    const auto back = from_record(otp.id, to_record(otp));
    REQUIRE(back);
    check_same(otp, *back);
  }
}

TEST_CASE("each field alone is read back") {
  using Fill = void (*)(Otp&);
  const Fill fills[] = {
      [](Otp& o) { o.test = true; },
      [](Otp& o) { o.purpose = ""; },
      [](Otp& o) { o.locale = "x"; },
      [](Otp& o) { o.text_template = "x"; },
      [](Otp& o) { o.variables = {{"", ""}}; },
      [](Otp& o) { o.app_hash = "x"; },
      [](Otp& o) { o.web_origin = "x"; },
      [](Otp& o) { o.sender = "x"; },
      [](Otp& o) { o.route = "x"; },
      [](Otp& o) { o.reference = "x"; },
      [](Otp& o) { o.user_id = "x"; },
      [](Otp& o) { o.metadata = {{"a", "b"}}; },
      [](Otp& o) { o.user_ip.emplace(); },
      [](Otp& o) { o.messages[0].has_own_address = true; },
      [](Otp& o) {
        o.messages[0].has_own_address = true;
        o.messages[0].user_ip = Fingerprint{7};
      },
      [](Otp& o) { o.reason = "x"; },
      [](Otp& o) { o.ended_at = start; },
      [](Otp& o) { o.country.clear(); },
      [](Otp& o) { o.messages.clear(); },
      [](Otp& o) { o.created_at -= Seconds{5}; },
  };
  for (const auto fill : fills) {
    Otp otp = sample::otp();
    fill(otp);
    const auto back = from_record(otp.id, to_record(otp));
    REQUIRE(back);
    check_same(otp, *back);
  }
}

TEST_CASE("a record is small: the store writes it several times in a request's life") {
  Otp otp = sample::otp();
  const std::size_t fresh = to_record(otp).size();
  otp_rules::begin_submission(otp, 0, "primary", 1, after(Millis{4}));
  otp_rules::accepted(otp, ref(0), "0123456789abcdef", after(Millis{60}));
  otp_rules::receipt(otp, ref(0), MessageState::delivered, "000", after(Millis{2'900}));
  const std::size_t delivered = to_record(otp).size();
  MESSAGE("fresh ", fresh, " octets, delivered ", delivered);
  CHECK(fresh <= 150);
  CHECK(delivered <= 200);
}

TEST_CASE("a record of a newer format reads as nothing") {
  std::string record = to_record(sample::otp());
  CHECK(record[0] == 1);
  record[0] = 2;
  CHECK_FALSE(from_record(sample::otp().id, record));
}

TEST_CASE("a record that was cut or stretched reads as nothing") {
  const std::string record = to_record(eventful());
  for (std::size_t length = 0; length < record.size(); ++length)
    CHECK_FALSE(from_record(eventful().id, record.substr(0, length)));
  CHECK_FALSE(from_record(eventful().id, record + '\0'));
}

TEST_CASE("a corrupt record is read as nothing or as a request that the rules can work on") {
  std::mt19937 random(2026);
  const std::string records[] = {to_record(sample::otp()), to_record(eventful())};
  int read = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string octets = records[i % 2];
    for (auto touched = 1 + random() % 4; touched > 0; --touched)
      octets[random() % octets.size()] = static_cast<char>(random());
    auto otp = from_record(sample::otp().id, octets);
    if (!otp) continue;
    ++read;
    REQUIRE(otp->failed_attempts.size() <= otp->attempts_allowed);
    REQUIRE(otp->code_length >= 4);
    REQUIRE(otp->code_length <= 10);
    timeline(*otp);
    otp_rules::resend_available_at(*otp, {Seconds{30}});
    otp_rules::sendable_message(*otp, after_seconds(10));
    otp_rules::accepted(*otp, ref(0), "x", after_seconds(10));
    otp_rules::receipt(*otp, ref(0), MessageState::delivered, "", after_seconds(11));
    otp_rules::verify(*otp, false, after_seconds(12));
    REQUIRE(from_record(otp->id, to_record(*otp)));
  }
  CHECK(read > 1'000);
}

TEST_CASE("random octets are read without harm, and what they happen to tell can be kept") {
  std::mt19937 random(42);
  for (int i = 0; i < 100'000; ++i) {
    std::string octets(1, '\1');
    for (auto length = random() % 300; length > 0; --length) octets.push_back(static_cast<char>(random()));
    const auto told = from_record(OtpId{}, octets);
    if (!told) continue;
    const auto again = from_record(OtpId{}, to_record(*told));
    REQUIRE(again);
    CHECK(to_record(*again) == to_record(*told));
  }
}
