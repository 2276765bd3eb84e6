#include "api/hooks/adapter.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/call/field_rules.h"
#include "api/hooks/signature.h"
#include "smpp/ascii.h"

namespace xion {
namespace {

using Place = std::string_view;

/// Source: Supabase, "Send SMS hook". `sms.phone` is the new number while a user changes it.
constexpr Place supabase_phone[] = {"/sms/phone", "/user/phone"};
constexpr Place supabase_code[] = {"/sms/otp"};
constexpr Place supabase_user_ip[] = {"/metadata/ip_address"};
constexpr Place supabase_user_id[] = {"/user/id"};

/// Source: Auth0, "Set up custom SMS gateway for passwordless connections"; `req` with its `forward_req_info`.
constexpr Place auth0_phone[] = {"/recipient"};
constexpr Place auth0_text[] = {"/body"};
constexpr Place auth0_user_ip[] = {"/req/ip"};

/// Source: Zitadel, "HTTP provider payload".
constexpr Place zitadel_phone[] = {"/contextInfo/recipientPhoneNumber"};
constexpr Place zitadel_code[] = {"/args/code", "/args/otp", "/args/oTP"};
constexpr Place zitadel_text[] = {"/templateData/text"};
constexpr Place zitadel_locale[] = {"/args/preferredLanguage"};

/// Source: Ory Kratos, "Send SMS": its HTTP channel's body is what the operator's Jsonnet makes of these.
constexpr Place kratos_phone[] = {"/recipient", "/to", "/To", "/template_data/to"};
constexpr Place kratos_code[] = {"/code",
                                 "/template_data/login_code",
                                 "/template_data/registration_code",
                                 "/template_data/verification_code",
                                 "/template_data/recovery_code",
                                 "/login_code",
                                 "/registration_code",
                                 "/verification_code",
                                 "/recovery_code"};
constexpr Place kratos_text[] = {"/body", "/Body"};
constexpr Place kratos_user_id[] = {"/template_data/identity/id", "/identity/id"};

/// Source: Logto, "HTTP SMS connector".
constexpr Place logto_phone[] = {"/to"};
constexpr Place logto_code[] = {"/payload/code"};
constexpr Place logto_user_ip[] = {"/ip"};
constexpr Place logto_locale[] = {"/payload/locale"};

constexpr Adapter all[] = {
    {"supabase",
     standard_webhooks_signature,
     supabase_phone,
     supabase_code,
     {},
     supabase_user_ip,
     supabase_user_id,
     {}},
    {"auth0", jwt_signature, auth0_phone, {}, auth0_text, auth0_user_ip, {}, {}},
    {"zitadel", zitadel_signature, zitadel_phone, zitadel_code, zitadel_text, {}, {}, zitadel_locale},
    {"kratos", nullptr, kratos_phone, kratos_code, kratos_text, {}, kratos_user_id, {}},
    {"logto", nullptr, logto_phone, logto_code, {}, logto_user_ip, {}, logto_locale},
};

/// As it is told: `/sms/otp` is `sms.otp`.
std::string told(Place place) {
  std::string name(place.substr(1));
  std::ranges::replace(name, '/', '.');
  return name;
}

/// The first text at one of the places, and where; nothing where there is none.
struct Found {
  Place place;
  std::string text;
};
std::optional<Found> first_of(Places places, const JsonTexts& texts) {
  for (const Place place : places) {
    if (auto text = texts.at(place); text && !text->empty()) return Found{place, std::string(*text)};
  }
  return std::nullopt;
}

/// E.164, with its `+` or without: no auth server knows another form.
std::string with_plus(std::string phone) {
  const bool is_bare = !phone.empty() && phone.front() >= '1' && phone.front() <= '9';
  return is_bare ? "+" + phone : phone;
}

std::expected<std::string, Problem> read_code(const Adapter& adapter, const JsonTexts& texts) {
  constexpr std::string_view expected = "4 to 10 digits: have your auth server make codes of digits alone";
  if (const auto code = first_of(adapter.code, texts)) {
    if (field_rules::is_own_code(code->text)) return code->text;
    return std::unexpected(invalid_field(told(code->place), expected));
  }
  const auto text = first_of(adapter.text, texts);
  if (!text)
    return std::unexpected(missing_field(told(adapter.code.empty() ? adapter.text.front() : adapter.code.front())));
  if (const auto code = code_in(text->text)) return std::string(*code);
  return std::unexpected(
      invalid_field(told(text->place), "a text with one code of 4 to 10 digits and no other number"));
}

}  // namespace

std::span<const Adapter> adapters() { return all; }

const Adapter* adapter_named(std::string_view name) {
  const auto* const found = std::ranges::find(all, name, &Adapter::name);
  return found == std::end(all) ? nullptr : found;
}

std::optional<std::string_view> code_in(std::string_view text) {
  std::optional<std::string_view> code;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && smpp::ascii::is_digit(text[end])) ++end;
    const std::string_view run = text.substr(at, end - at);
    if (run.size() >= 4 && run.size() <= 10) {
      if (code && *code != run) return std::nullopt;
      code = run;
    }
    at = std::max(end, at + 1);
  }
  return code;
}

std::expected<HookMessage, Problem> read_hook_message(const Adapter& adapter, JsonReader& reader,
                                                      std::string_view body) {
  const auto texts = reader.texts(body);
  if (!texts) return std::unexpected(texts.error());
  HookMessage message;
  auto phone = first_of(adapter.phone, *texts);
  if (!phone) return std::unexpected(missing_field(told(adapter.phone.front())));
  message.phone = with_plus(std::move(phone->text));
  auto code = read_code(adapter, *texts);
  if (!code) return std::unexpected(std::move(code.error()));
  message.code = std::move(*code);
  const auto take = [&](Places places, std::string& out) {
    if (auto found = first_of(places, *texts)) out = std::move(found->text);
  };
  take(adapter.user_ip, message.user_ip);
  take(adapter.user_id, message.user_id);
  take(adapter.locale, message.locale);
  return message;
}

}  // namespace xion
