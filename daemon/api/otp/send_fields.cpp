#include "api/otp/send_fields.h"

#include <algorithm>

#include "api/call/field_rules.h"
#include "api/call/phone_field.h"
#include "core/limits/limits.h"
#include "core/owners/webhook.h"

namespace xion {
namespace {

constexpr std::size_t metadata_pairs_max = 10;
constexpr std::size_t pairs_octets_max = 2'048;  ///< Of names and values together: both are kept.

/// Keeps a text that has its form.
bool keep(std::string& out, std::string_view text, bool is_right) {
  if (is_right) out = text;
  return is_right;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

bool is_short_in_all(const JsonMember& member) {
  std::size_t octets = 0;
  for (const auto& [name, value] : member.pairs) octets += name.size() + value.size();
  return octets <= pairs_octets_max;
}

bool read_metadata(const JsonMember& member, Pairs& out) {
  if (member.pairs.size() > metadata_pairs_max || !is_short_in_all(member)) return false;
  for (const auto& [name, value] : member.pairs) {
    if (!field_rules::is_short_text(name, 64) || (!value.empty() && !field_rules::is_short_text(value, 256)))
      return false;
    out.emplace_back(name, value);
  }
  return true;
}

bool read_variables(const JsonMember& member, Pairs& out) {
  if (!is_short_in_all(member)) return false;
  for (const auto& [name, value] : member.pairs) {
    if (!field_rules::is_variable_name(name) || (!value.empty() && !field_rules::is_short_text(value, 128)))
      return false;
    out.emplace_back(name, value);
  }
  return true;
}

bool read_own_code(std::string_view text, SendRequest& request) {
  if (!field_rules::is_own_code(text)) return false;
  request.code = Secret(std::string(text));
  return true;
}

bool read_on_pending(std::string_view text, std::optional<bool>& returns) {
  if (text != "refuse" && text != "return") return false;
  returns = text == "return";
  return true;
}

bool read_limit_keys(const JsonMember& member, Pairs& out) {
  if (member.pairs.size() > limit_keys_max) return false;
  for (const auto& [name, value] : member.pairs) {
    if (!is_limit_key(name) || !field_rules::is_short_text(value, 128)) return false;
    out.emplace_back(name, value);
  }
  return true;
}

bool read_resend(std::string_view text, std::optional<bool>& rotate) {
  if (text != "same" && text != "rotate") return false;
  rotate = text == "rotate";
  return true;
}

using Member = JsonMember;
constexpr Field<SendBody> fields[] = {
    {"phone", JsonType::text, "a string such as \"+37499123056\"",
     [](const Member& m, SendBody& b) {
       b.phone = m.text;
       return true;
     },
     true},
    {"channel", JsonType::text, "the string \"sms\"",
     [](const Member& m, SendBody& b) {
       b.channel = m.text;
       return true;
     }},
    {"ttlSeconds", JsonType::integer, "a whole number of seconds, such as 300",
     [](const Member& m, SendBody& b) {
       b.request.ttl = Seconds{m.integer};
       return true;
     }},
    {"codeLength", JsonType::integer, "a whole number from 4 to 10",
     [](const Member& m, SendBody& b) {
       if (m.integer < 4 || m.integer > 10) return false;
       b.request.code_length = static_cast<std::uint8_t>(m.integer);
       return true;
     }},
    {"purpose", JsonType::text, "1 to 32 characters of a-z, 0-9, _, . and -",
     [](const Member& m, SendBody& b) { return keep(b.request.purpose, m.text, field_rules::is_purpose(m.text)); }},
    {"country", JsonType::text, "a country as two letters, such as \"AM\"",
     [](const Member& m, SendBody& b) { return read_country(m.text, b.country); }},
    {"locale", JsonType::text, "a BCP 47 language tag, such as \"en\" or \"pt-BR\"",
     [](const Member& m, SendBody& b) { return keep(b.request.locale, m.text, field_rules::is_language_tag(m.text)); }},
    {"template", JsonType::text, "the name of a template, such as \"default\"",
     [](const Member& m, SendBody& b) { return keep(b.request.text_template, m.text, !m.text.empty()); }},
    {"variables", JsonType::text_map,
     "an object of strings of 128 characters at most, 2 KB in all, named with letters, digits and _",
     [](const Member& m, SendBody& b) { return read_variables(m, b.request.variables); }},
    {"appHash", JsonType::text, "the 11 characters of an Android app's hash",
     [](const Member& m, SendBody& b) { return keep(b.request.app_hash, m.text, field_rules::is_app_hash(m.text)); }},
    {"webOrigin", JsonType::text, "a host name, such as \"example.com\"",
     [](const Member& m, SendBody& b) { return keep(b.request.web_origin, m.text, field_rules::is_host(m.text)); }},
    {"sender", JsonType::text, "a sender id",
     [](const Member& m, SendBody& b) { return keep(b.request.sender, m.text, !m.text.empty()); }},
    {"route", JsonType::text, "the name of a route",
     [](const Member& m, SendBody& b) { return keep(b.request.route, m.text, !m.text.empty()); }},
    {"userIp", JsonType::text, "an IPv4 or IPv6 address, such as \"203.0.113.7\"",
     [](const Member& m, SendBody& b) { return read_user_ip(m.text, b.request.user_ip); }},
    {"userId", JsonType::text, "1 to 128 characters",
     [](const Member& m, SendBody& b) {
       return keep(b.request.user_id, m.text, field_rules::is_short_text(m.text, 128));
     }},
    {"limitKeys", JsonType::text_map, "an object of at most 5 strings of 128 characters, named as the app's rules are",
     [](const Member& m, SendBody& b) { return read_limit_keys(m, b.request.limit_keys); }},
    {"reference", JsonType::text, "1 to 128 characters",
     [](const Member& m, SendBody& b) {
       return keep(b.request.reference, m.text, field_rules::is_short_text(m.text, 128));
     }},
    {"callbackUrl", JsonType::text, "a URL, such as \"https://example.com/hooks/order-7\"",
     [](const Member& m, SendBody& b) {
       return keep(b.request.callback_url, m.text, !trouble_in_webhook_url(m.text));
     }},
    {"metadata", JsonType::text_map,
     "an object of at most 10 strings, names up to 64 and values up to 256 characters, 2 KB in all",
     [](const Member& m, SendBody& b) { return read_metadata(m, b.request.metadata); }},
    {"resend", JsonType::text, "\"same\" or \"rotate\"",
     [](const Member& m, SendBody& b) { return read_resend(m.text, b.request.rotate); }},
    {"code", JsonType::text, "4 to 10 digits as a string",
     [](const Member& m, SendBody& b) { return read_own_code(m.text, b.request); }},
    {"bind", JsonType::text_map, "an object of 1 to 5 strings of 128 characters, named with letters, digits and _",
     [](const Member& m, SendBody& b) { return read_bind(m, b.request.bind); }},
    {"onPending", JsonType::text, "\"refuse\" or \"return\"",
     [](const Member& m, SendBody& b) { return read_on_pending(m.text, b.request.returns_pending); }},
    {"dryRun", JsonType::truth, "true or false",
     [](const Member& m, SendBody& b) {
       b.is_dry_run = m.truth;
       return true;
     }},
};

}  // namespace

std::optional<Problem> read_send_body(JsonReader& reader, std::string_view body, SendBody& out) {
  return read_fields<SendBody>(reader, body, fields, out);
}

std::optional<Problem> read_notice_body(JsonReader& reader, std::string_view body, SendBody& out) {
  constexpr std::string_view taken[] = {"phone",     "channel",   "country",  "locale",     "template",
                                        "variables", "sender",    "route",    "userIp",     "userId",
                                        "limitKeys", "reference", "metadata", "callbackUrl"};
  static const std::vector<Field<SendBody>> notice_fields = [&] {
    std::vector<Field<SendBody>> some;
    for (const auto& field : fields)
      if (std::ranges::find(taken, field.name) != std::end(taken)) some.push_back(field);
    for (auto& field : some) field.is_required |= field.name == "template";
    return some;
  }();
  return read_fields<SendBody>(reader, body, notice_fields, out);
}

std::expected<SendRequest, Problem> check_send_body(SendBody& body, PhoneCache& phones) {
  if (body.channel != "sms") {
    Problem problem(ErrorCode::unsupported_channel, "The only channel is \"sms\"");
    problem.with("field", "channel");
    return std::unexpected(std::move(problem));
  }
  auto phone = read_phone(phones, body.phone, body.country);
  if (!phone) return std::unexpected(std::move(phone.error()));
  body.request.phone = std::move(*phone);
  return std::move(body.request);
}

}  // namespace xion
