#pragma once
#include "core/otp/delivery_rules.h"
#include "core/otp/otp.h"
#include "core/otp/otp_rules.h"

/// A request of five minutes and five guesses, made at `start`, with one message queued: where most stories begin.
namespace xion::sample {

inline constexpr WallTime start = WallTime{Millis{1'770'897'600'000}};  // 2026-02-12T12:00:00Z
inline WallTime after(Millis wait) { return start + wait; }
inline WallTime after_seconds(std::int64_t seconds) { return start + Seconds{seconds}; }

inline Otp otp() {
  Otp otp;
  constexpr std::array<std::uint8_t, 5> random{1, 2, 3, 4, 5};
  otp.id = make_otp_id(start, random);
  otp.app = 7;
  otp.phone.fill(0xAB);
  otp.phone_sealed = std::string(28, 's');
  otp.country = "AM";
  otp.calling_prefix = "374";
  otp.salt.fill(0xCD);
  otp.code_hash.fill(0xEF);
  otp.created_at = start;
  otp.expires_at = start + Seconds{300};
  otp_rules::add_message(otp, start);
  return otp;
}

/// Every kept field with a value of its own. They are all named here, so one more does not compile until the tests that
/// compare what was said with what is kept know it.
inline KeptFields every_kept_field(const std::string& mark = "") {
  KeptFields kept;
  auto& [locale, text_template, text_pattern, text_tlvs, variables, bind, app_hash, web_origin, sender, route,
         reference, callback_url, user_id, metadata] = kept;
  int n = 0;
  for (std::string* text :
       {&locale, &text_template, &text_pattern, &app_hash, &web_origin, &sender, &route, &reference, &user_id})
    *text = mark + std::string(1, static_cast<char>('a' + n++));
  callback_url = "https://shop.example/" + mark;
  text_tlvs = {{0x1400, mark + "1101234567890123456"}, {0x1401, std::string("\0\xFF", 2)}};
  variables = {{"empty", mark}, {"name", mark + "Ani"}};
  bind = {{"amount", mark + "500 EUR"}, {"payee", "ACME"}};
  metadata = {{"k", mark + "v"}};
  return kept;
}

inline otp_rules::SubmissionRef ref(std::uint8_t submission, std::uint8_t segment = 0, std::uint8_t message = 0) {
  return {.otp = otp().id, .message = message, .submission = submission, .segment = segment};
}

}  // namespace xion::sample
