#include "api/hooks/signature.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/owners/bearer_key.h"
#include "base/trim.h"
#include "core/owners/webhook.h"

namespace xion {
namespace {

using Refused = std::unexpected<std::string>;

/// More of them than any sender has cost nobody an HMAC, but a comparison.
constexpr std::size_t signatures_max = 8;
constexpr std::size_t call_id_octets_max = 256;

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                   : std::nullopt;
}

bool is_of_now(std::int64_t unix_seconds, WallTime now) {
  const std::int64_t ours = unix_millis(now) / 1000;
  return unix_seconds >= ours - signature_tolerance.count() && unix_seconds <= ours + signature_tolerance.count();
}

constexpr const char* other_time =
    "The call's time is more than five minutes from ours: one of the two clocks is wrong, or it is a repeat";

void take_digest(std::string_view octets, std::vector<Digest>& digests) {
  Digest digest{};
  if (octets.size() != digest.size() || digests.size() == signatures_max) return;
  std::ranges::copy(as_octets(octets), digest.begin());
  digests.push_back(digest);
}

/// Calls `each` with the parts of a header between any of `separators`, trimmed.
template <typename Each>
void split(std::string_view text, std::string_view separators, Each each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (const auto part = trimmed(text.substr(0, end)); !part.empty()) each(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// What is left when a prefix is taken off; nothing where there is none.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string octets;
  const bool is_right = absl::WebSafeBase64Unescape(absl::string_view(text.data(), text.size()), &octets);
  return is_right ? std::optional(std::move(octets)) : std::nullopt;
}

/// A part of a JWT as JSON: the parser reads behind its end.
std::expected<std::span<const JsonMember>, Problem> members_of(std::string& part, JsonReader& reader) {
  part.reserve(part.size() + JsonReader::padding_octets);
  return reader.object(part);
}

bool is_hs256(std::string header, JsonReader& reader) {
  const auto members = members_of(header, reader);
  return members && std::ranges::any_of(*members, [](const JsonMember& member) {
           return member.name == "alg" && member.type == JsonType::text && member.text == "HS256";
         });
}

/// Whether a token's claims hold now: until `exp`, or where it names none, for five minutes from `iat`.
bool holds(std::string claims, JsonReader& reader, WallTime now) {
  const auto members = members_of(claims, reader);
  if (!members) return false;
  std::optional<std::int64_t> issued, expires, from;
  for (const JsonMember& member : *members) {
    if (member.type != JsonType::integer) continue;
    if (member.name == "iat") issued = member.integer;
    if (member.name == "exp") expires = member.integer;
    if (member.name == "nbf") from = member.integer;
  }
  const std::int64_t ours = unix_millis(now) / 1000;
  if (from && *from > ours + signature_tolerance.count()) return false;
  if (expires) return *expires > ours;
  return issued && is_of_now(*issued, now);
}

}  // namespace

/// Supabase parts several signatures by comma and space, the standard by a space.
std::expected<SignedCall, std::string> standard_webhooks_signature(const HttpExchange& exchange, JsonReader&,
                                                                   WallTime now) {
  const auto id = exchange.header("webhook-id");
  const auto seconds = whole(exchange.header("webhook-timestamp").value_or(""));
  if (!id || id->empty() || id->size() > call_id_octets_max || !seconds)
    return Refused("Expected the headers webhook-id, webhook-timestamp and webhook-signature");
  SignedCall call;
  split(exchange.header("webhook-signature").value_or(""), " ", [&](std::string_view part) {
    if (part.ends_with(',')) part.remove_suffix(1);
    const auto text = after(part, "v1,");
    std::string octets;
    if (text && absl::Base64Unescape(absl::string_view(text->data(), text->size()), &octets))
      take_digest(octets, call.claimed.signatures);
  });
  if (call.claimed.signatures.empty()) return Refused("Expected `webhook-signature: v1,` and the signature in base64");
  if (!is_of_now(*seconds, now)) return Refused(other_time);
  call.claimed.content = webhook_signed_content(*id, *seconds, exchange.body());
  call.id = *id;
  return call;
}

std::expected<SignedCall, std::string> zitadel_signature(const HttpExchange& exchange, JsonReader&, WallTime now) {
  constexpr const char* expected = "Expected the header `ZITADEL-Signature: t=<seconds>,v1=<signature in hexadecimal>`";
  const std::string_view header = exchange.header("ZITADEL-Signature").value_or("");
  std::string_view time;
  SignedCall call;
  split(header, ",", [&](std::string_view part) {
    if (const auto text = after(part, "t=")) time = *text;
    const auto text = after(part, "v1=");
    if (const auto octets = text ? from_hex(*text) : std::nullopt) take_digest(*octets, call.claimed.signatures);
  });
  const auto seconds = whole(time);
  if (!seconds || call.claimed.signatures.empty()) return Refused(expected);
  if (!is_of_now(*seconds, now)) return Refused(other_time);
  call.claimed.content = fmt::format("{}.{}", time, exchange.body());
  call.id = header.substr(0, call_id_octets_max);
  return call;
}

/// The body is no part of what is signed, so it is of what tells a call from another: a token may be used twice within
/// its second.
std::expected<SignedCall, std::string> jwt_signature(const HttpExchange& exchange, JsonReader& reader, WallTime now) {
  constexpr const char* expected = "Expected the header `Authorization: Bearer` and a JWT that HS256 signs";
  const std::string_view token = bearer_key(exchange.header("Authorization").value_or("")).value_or("");
  const std::size_t first = token.find('.'), last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return Refused(expected);
  auto header = from_base64url(token.substr(0, first));
  auto claims = from_base64url(token.substr(first + 1, last - first - 1));
  const auto signature = from_base64url(token.substr(last + 1));
  SignedCall call;
  if (signature) take_digest(*signature, call.claimed.signatures);
  if (!header || !claims || call.claimed.signatures.empty() || !is_hs256(std::move(*header), reader))
    return Refused(expected);
  if (!holds(std::move(*claims), reader, now))
    return Refused("The token's time is over, or it names none (exp or iat)");
  call.claimed.content = token.substr(0, last);
  call.id = fmt::format("{}\n{}", token, exchange.body());
  return call;
}

}  // namespace xion
