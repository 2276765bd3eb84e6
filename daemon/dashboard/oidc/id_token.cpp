#include "dashboard/oidc/id_token.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "base/utf8.h"
#include "dashboard/oidc/base64url.h"

namespace xion::oidc {
namespace {

constexpr std::size_t token_octets_max = 32 * 1024;
constexpr wire::JsonLimits token_limits{.depth = 8, .values = 4'096};
constexpr std::size_t key_id_octets_max = 512;
constexpr std::size_t keys_at_most = 100;
constexpr std::size_t rsa_bits_least = 2'048,
                      rsa_bits_most = 8'192;  // RFC 7518 §3.3; above it checking costs too much.
constexpr std::size_t exponent_octets_max = 4;
constexpr std::size_t p256_octets = 32;
constexpr std::size_t subject_octets_max = 255;  // OpenID Connect Core §2.
constexpr std::size_t person_octets_max = 100;
constexpr std::size_t groups_at_most = 1'000;
constexpr double clock_slack_seconds = 60;
constexpr double made_within_seconds = 3'600;  ///< An ID token that was made longer ago was not made for this sign-in.

constexpr std::pair<std::string_view, JwsAlgorithm> algorithms[] = {
    {"RS256", JwsAlgorithm::rs256}, {"PS256", JwsAlgorithm::ps256}, {"ES256", JwsAlgorithm::es256}};

std::optional<JwsAlgorithm> algorithm_named(std::string_view name) {
  for (const auto& [known, algorithm] : algorithms) {
    if (known == name) return algorithm;
  }
  return std::nullopt;
}

const std::string* text_at(const wire::Value& object, std::string_view name) {
  const wire::Value* found = object.find(name);
  return found == nullptr ? nullptr : found->text();
}

/// Seconds since 1970, which may have decimals. Source: RFC 7519 §2.
std::optional<double> seconds_at(const wire::Value& object, std::string_view name) {
  const wire::Value* found = object.find(name);
  if (found == nullptr) return std::nullopt;
  if (const auto* whole = found->whole()) return static_cast<double>(*whole);
  if (const auto* real = found->real(); real != nullptr && std::isfinite(*real)) return *real;
  return std::nullopt;
}

std::size_t bits_of(std::string_view big_endian) {
  if (big_endian.empty()) return 0;
  return 8 * (big_endian.size() - 1) +
         static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(static_cast<std::uint8_t>(big_endian[0]))));
}

std::string without_zeros(std::string number) {
  number.erase(0, std::min(number.find_first_not_of('\0'), number.size()));
  return number;
}

std::optional<JwsKey> rsa_key(const wire::Value& key) {
  const auto *n = text_at(key, "n"), *e = text_at(key, "e");
  auto modulus = n == nullptr ? std::nullopt : from_base64url(*n);
  auto exponent = e == nullptr ? std::nullopt : from_base64url(*e);
  if (!modulus || !exponent) return std::nullopt;
  JwsKey made{JwsKey::Kind::rsa, without_zeros(*std::move(modulus)), without_zeros(*std::move(exponent))};
  const std::size_t bits = bits_of(made.first), exponent_bits = bits_of(made.second);
  if (bits < rsa_bits_least || bits > rsa_bits_most || exponent_bits < 2) return std::nullopt;
  if (made.second.size() > exponent_octets_max || (made.second.back() & 1) == 0) return std::nullopt;
  return made;
}

std::optional<JwsKey> p256_key(const wire::Value& key) {
  const auto *curve = text_at(key, "crv"), *x = text_at(key, "x"), *y = text_at(key, "y");
  if (curve == nullptr || *curve != "P-256" || x == nullptr || y == nullptr) return std::nullopt;
  auto first = from_base64url(*x), second = from_base64url(*y);
  if (!first || !second || first->size() != p256_octets || second->size() != p256_octets) return std::nullopt;
  return JwsKey{JwsKey::Kind::p256, *std::move(first), *std::move(second)};
}

/// A key that is for signatures and of a kind that is taken.
std::optional<NamedKey> signing_key(const wire::Value& entry) {
  const auto* kind = text_at(entry, "kty");
  if (kind == nullptr) return std::nullopt;
  if (const auto* use = text_at(entry, "use"); use != nullptr && *use != "sig") return std::nullopt;
  NamedKey made;
  if (const auto* id = text_at(entry, "kid")) made.id = *id;
  if (const auto* name = text_at(entry, "alg")) {
    made.algorithm = algorithm_named(*name);
    if (!made.algorithm) return std::nullopt;
  }
  auto key = *kind == "RSA" ? rsa_key(entry) : *kind == "EC" ? p256_key(entry) : std::nullopt;
  if (!key) return std::nullopt;
  made.key = *std::move(key);
  return made;
}

bool may_sign(const NamedKey& key, const Token& token) {
  const bool is_ec = token.algorithm == JwsAlgorithm::es256;
  if (is_ec != (key.key.kind == JwsKey::Kind::p256)) return false;
  if (key.algorithm && *key.algorithm != token.algorithm) return false;
  return token.key_id.empty() || token.key_id == key.id;
}

/// Ours alone: who else may take the token may bring it to us.
bool is_for(const wire::Value& claims, std::string_view client_id) {
  const wire::Value* audience = claims.find("aud");
  if (audience == nullptr) return false;
  if (const auto* several = audience->array()) {
    const bool is_ours = !several->empty() && std::ranges::all_of(*several, [&](const wire::Value& one) {
      return one.text() != nullptr && *one.text() == client_id;
    });
    if (!is_ours) return false;
  } else if (audience->text() == nullptr || *audience->text() != client_id) {
    return false;
  }
  const wire::Value* party = claims.find("azp");
  return party == nullptr || (party->text() != nullptr && *party->text() == client_id);
}

/// Cut where a character ends.
std::string cut(std::string text) {
  if (text.size() <= person_octets_max) return text;
  std::size_t end = person_octets_max;
  while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

}  // namespace

std::string_view to_string(TokenFault fault) {
  switch (fault) {
    case TokenFault::malformed: return "malformed";
    case TokenFault::algorithm: return "algorithm";
    case TokenFault::no_key: return "no_key";
    case TokenFault::signature: return "signature";
    case TokenFault::issuer: return "issuer";
    case TokenFault::audience: return "audience";
    case TokenFault::expired: return "expired";
    case TokenFault::not_yet: return "not_yet";
    case TokenFault::nonce: return "nonce";
    case TokenFault::subject: return "subject";
  }
  return "";
}

std::expected<Token, TokenFault> read_token(std::string_view text) {
  const std::unexpected malformed(TokenFault::malformed);
  if (text.size() > token_octets_max || std::ranges::count(text, '.') != 2) return malformed;
  const std::size_t first = text.find('.'), second = text.rfind('.');
  const auto header = from_base64url(text.substr(0, first));
  const auto payload = from_base64url(text.substr(first + 1, second - first - 1));
  auto signature = from_base64url(text.substr(second + 1));
  if (!header || !payload || !signature) return malformed;
  const auto head = wire::parse_json(*header, token_limits);
  auto claims = wire::parse_json(*payload, token_limits);
  if (!head || !claims || head->object() == nullptr || claims->object() == nullptr) return malformed;
  // An extension that must be understood is one that we don't. Keys that a token brings along are not looked at.
  if (head->find("crit") != nullptr) return malformed;
  const auto* name = text_at(*head, "alg");
  const auto algorithm = name == nullptr ? std::nullopt : algorithm_named(*name);
  if (!algorithm) return std::unexpected(TokenFault::algorithm);
  Token token{.algorithm = *algorithm,
              .key_id = {},
              .content = std::string(text.substr(0, second)),
              .signature = *std::move(signature),
              .claims = *std::move(claims)};
  if (const wire::Value* id = head->find("kid")) {
    if (id->text() == nullptr || id->text()->empty() || id->text()->size() > key_id_octets_max) return malformed;
    token.key_id = *id->text();
  }
  return token;
}

std::optional<std::vector<NamedKey>> read_keys(std::string_view json) {
  const auto set = wire::parse_json(json, token_limits);
  const wire::Value* keys = set ? set->find("keys") : nullptr;
  if (keys == nullptr || keys->array() == nullptr) return std::nullopt;
  std::vector<NamedKey> found;
  for (const wire::Value& entry : *keys->array()) {
    if (found.size() == keys_at_most) break;
    if (auto key = signing_key(entry)) found.push_back(*std::move(key));
  }
  return found;
}

const NamedKey* key_for(const Token& token, std::span<const NamedKey> keys) {
  const NamedKey* only = nullptr;
  for (const NamedKey& key : keys) {
    if (!may_sign(key, token)) continue;
    if (only != nullptr) return nullptr;
    only = &key;
  }
  return only;
}

std::optional<TokenFault> fault_of(const wire::Value& claims, const Expected& expected) {
  const auto* issuer = text_at(claims, "iss");
  if (issuer == nullptr || *issuer != expected.issuer) return TokenFault::issuer;
  if (!is_for(claims, expected.client_id)) return TokenFault::audience;
  const double now = static_cast<double>(unix_millis(expected.now)) / 1000;
  const auto end = seconds_at(claims, "exp"), made = seconds_at(claims, "iat");
  if (!end || *end <= now - clock_slack_seconds) return TokenFault::expired;
  if (!made || *made > now + clock_slack_seconds) return TokenFault::not_yet;
  if (*made < now - made_within_seconds) return TokenFault::expired;
  if (claims.find("nbf") != nullptr) {
    const auto begin = seconds_at(claims, "nbf");
    if (!begin || *begin > now + clock_slack_seconds) return TokenFault::not_yet;
  }
  const auto* nonce = text_at(claims, "nonce");
  if (nonce == nullptr || expected.nonce.empty() || *nonce != expected.nonce) return TokenFault::nonce;
  const auto* subject = text_at(claims, "sub");
  if (subject == nullptr || subject->empty() || subject->size() > subject_octets_max) return TokenFault::subject;
  return std::nullopt;
}

Person person_of(const wire::Value& claims, std::string_view groups_claim) {
  Person person;
  const wire::Value* verified = claims.find("email_verified");
  const bool is_verified = verified != nullptr && verified->truth() != nullptr && *verified->truth();
  for (const std::string_view name : {"email", "preferred_username", "name", "sub"}) {
    if (name == "email" && !is_verified) continue;
    const auto* text = text_at(claims, name);
    if (text == nullptr || text->empty()) continue;
    person.name = cut(*text);
    break;
  }
  const wire::Value* groups = claims.find(groups_claim);
  if (groups == nullptr) return person;
  if (const auto* one = groups->text()) person.groups.push_back(*one);
  if (const auto* several = groups->array()) {
    for (const wire::Value& each : *several) {
      if (person.groups.size() == groups_at_most) break;
      if (each.text() != nullptr) person.groups.push_back(*each.text());
    }
  }
  return person;
}

const OidcGrant* grant_for(std::span<const std::string> groups, std::span<const OidcGrant> grants) {
  const auto fits = [&](const OidcGrant& grant) { return std::ranges::find(groups, grant.group) != groups.end(); };
  const auto found = std::ranges::find_if(grants, fits);
  return found == grants.end() ? nullptr : &*found;
}

}  // namespace xion::oidc
