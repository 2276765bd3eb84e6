#include "dashboard/oidc/flow.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "dashboard/oidc/base64url.h"
#include "wire/value.h"

namespace xion::oidc {
namespace {

constexpr std::size_t random_characters = 43;  ///< Of 32 octets.
constexpr std::size_t time_digits_max = 12;
constexpr std::size_t query_octets_max = 8 * 1024;
constexpr std::size_t code_octets_max = 4 * 1024;
constexpr std::size_t answer_octets_max = 64 * 1024;
constexpr Millis provider_time_limit{10'000};
constexpr wire::JsonLimits answer_limits{.depth = 8, .values = 1'024};

std::string derived(const SignatureCheck& hash, std::string_view what, std::string_view issuer,
                    std::string_view cookie) {
  return base64url(as_text(hash.sha256(fmt::format("xionid oidc {}\n{}\n{}", what, issuer, cookie))));
}

/// Source: RFC 3986 §2.1; application/x-www-form-urlencoded takes it as well.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    if (is_plain)
      out += c;
    else
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned>(static_cast<std::uint8_t>(c)));
  }
  return out;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at] == '+' ? ' ' : text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? digit_of(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? digit_of(text[at + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return out;
}

/// Nothing where a name comes twice or can't be decoded. Source: RFC 6749 §3.1.
std::optional<std::map<std::string, std::string>> parameters_of(std::string_view query) {
  if (query.size() > query_octets_max) return std::nullopt;
  std::map<std::string, std::string> found;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto one = query.substr(0, end);
    const auto equals = std::min(one.find('='), one.size());
    auto name = decoded(one.substr(0, equals));
    auto value = decoded(one.substr(std::min(equals + 1, one.size())));
    if (!name || !value) return std::nullopt;
    if (!name->empty() && !found.emplace(*std::move(name), *std::move(value)).second) return std::nullopt;
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return found;
}

bool is_same(std::string_view a, std::string_view b) { return equal_in_constant_time(as_octets(a), as_octets(b)); }

using Fields = std::vector<std::pair<std::string_view, std::string>>;
std::string as_form(const Fields& fields) {
  std::string form;
  for (const auto& [name, value] : fields)
    form += fmt::format("{}{}={}", form.empty() ? "" : "&", name, encoded(value));
  return form;
}

}  // namespace

std::string new_attempt(WallTime now, std::span<const std::uint8_t, 32> random) {
  return fmt::format("{}.{}", unix_millis(now) / 1000, base64url(as_text(random)));
}

bool is_attempt(std::string_view cookie, WallTime now) {
  const auto dot = cookie.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot > time_digits_max) return false;
  if (cookie.size() != dot + 1 + random_characters || !from_base64url(cookie.substr(dot + 1))) return false;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(cookie.data(), cookie.data() + dot, seconds);
  if (error != std::errc{} || end != cookie.data() + dot || seconds < 0) return false;
  const std::int64_t age = unix_millis(now) / 1000 - seconds;
  // A clock that was put back is forgiven a minute.
  return age >= -60 && age <= attempt_life.count();
}

std::optional<Attempt> read_attempt(std::string_view cookie, std::string_view issuer, WallTime now,
                                    const SignatureCheck& hash) {
  if (!is_attempt(cookie, now)) return std::nullopt;
  return Attempt{derived(hash, "state", issuer, cookie), derived(hash, "nonce", issuer, cookie),
                 derived(hash, "verifier", issuer, cookie)};
}

std::string callback_url(const Settings& settings) { return settings.dashboard_url + "/dashboard/oidc/callback"; }

std::string authorization_url(const Provider& provider, const Settings& settings, const Attempt& attempt,
                              const SignatureCheck& hash) {
  const Fields fields{{"response_type", "code"},
                      {"client_id", settings.oidc.client_id},
                      {"redirect_uri", callback_url(settings)},
                      {"scope", fmt::format("{}", fmt::join(settings.oidc.scopes, " "))},
                      {"state", attempt.state},
                      {"nonce", attempt.nonce},
                      {"code_challenge", base64url(as_text(hash.sha256(attempt.verifier)))},
                      {"code_challenge_method", "S256"}};
  const bool has_query = provider.authorization_endpoint.contains('?');
  return fmt::format("{}{}{}", provider.authorization_endpoint, has_query ? '&' : '?', as_form(fields));
}

std::string_view to_string(CallbackFault fault) {
  switch (fault) {
    case CallbackFault::malformed: return "malformed";
    case CallbackFault::other_attempt: return "other_attempt";
    case CallbackFault::other_issuer: return "other_issuer";
    case CallbackFault::provider_refused: return "provider_refused";
    case CallbackFault::no_code: return "no_code";
  }
  return "";
}

std::expected<std::string, CallbackFault> code_of(std::string_view query, const Provider& provider,
                                                  const std::optional<Attempt>& attempt) {
  const auto parameters = parameters_of(query);
  if (!parameters) return std::unexpected(CallbackFault::malformed);
  const auto value = [&](const std::string& name) {
    const auto found = parameters->find(name);
    return found == parameters->end() ? std::string_view() : std::string_view(found->second);
  };
  if (!attempt || !is_same(value("state"), attempt->state)) return std::unexpected(CallbackFault::other_attempt);
  const bool is_named = parameters->contains("iss");
  if ((is_named || provider.names_itself) && value("iss") != provider.issuer)
    return std::unexpected(CallbackFault::other_issuer);
  if (parameters->contains("error")) return std::unexpected(CallbackFault::provider_refused);
  const auto code = value("code");
  if (code.empty() || code.size() > code_octets_max) return std::unexpected(CallbackFault::no_code);
  return std::string(code);
}

OutgoingPost token_request(const Provider& provider, const Settings& settings, const Attempt& attempt,
                           std::string_view code) {
  const OidcSettings& oidc = settings.oidc;
  Fields fields{{"grant_type", "authorization_code"},
                {"code", std::string(code)},
                {"redirect_uri", callback_url(settings)},
                {"code_verifier", attempt.verifier}};
  OutgoingPost post{.url = provider.token_endpoint,
                    .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}},
                    .body = {},
                    .time_limit = provider_time_limit,
                    .may_be_private = true,
                    .answer_octets_max = answer_octets_max,
                    .ca = oidc.ca};
  if (oidc.client_secret.empty() || provider.takes_secret_in_body) fields.emplace_back("client_id", oidc.client_id);
  if (!oidc.client_secret.empty() && provider.takes_secret_in_body)
    fields.emplace_back("client_secret", oidc.client_secret.reveal());
  // Both are form-encoded before they are put together. Source: RFC 6749 §2.3.1.
  if (!oidc.client_secret.empty() && !provider.takes_secret_in_body)
    post.headers.emplace_back("Authorization", "Basic " + base64(fmt::format("{}:{}", encoded(oidc.client_id),
                                                                             encoded(oidc.client_secret.reveal()))));
  post.body = as_form(fields);
  return post;
}

std::optional<std::string> id_token_of(std::string_view json) {
  const auto answer = wire::parse_json(json, answer_limits);
  const wire::Value* token = answer ? answer->find("id_token") : nullptr;
  if (token == nullptr || token->text() == nullptr) return std::nullopt;
  return *token->text();
}

}  // namespace xion::oidc
