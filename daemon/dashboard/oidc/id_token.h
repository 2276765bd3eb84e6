#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/settings.h"
#include "ports/signature_check.h"
#include "wire/value.h"

/// What an OpenID provider says of somebody, and whether that holds. All of it is pure.
/// Sources: RFC 7515, 7517, 7518, 7519, 8725; OpenID Connect Core 1.0.
namespace xion::oidc {

/// Why a token opens nothing.
enum class TokenFault : std::uint8_t {
  malformed,  ///< Not three parts of base64url, not JSON, too long, an extension that must be understood.
  algorithm,  ///< Not RS256, PS256 or ES256: `none` and what is symmetric above all.
  no_key,     ///< No key of the provider's, or more than one, may have signed it.
  signature,
  issuer,
  audience,  ///< Not for us, for others too, or authorized for somebody else.
  expired,
  not_yet,  ///< Made in the future, or not valid yet.
  nonce,
  subject,
};
std::string_view to_string(TokenFault fault);

/// A token that was read and not believed yet.
struct Token {
  JwsAlgorithm algorithm = JwsAlgorithm::rs256;
  std::string key_id;   ///< Empty: it names none.
  std::string content;  ///< What is signed.
  std::string signature;
  wire::Value claims;
};
/// Compact serialization. Errors: `malformed`, `algorithm`.
std::expected<Token, TokenFault> read_token(std::string_view text);

struct NamedKey {
  std::string id;                         ///< `kid`; may be empty.
  std::optional<JwsAlgorithm> algorithm;  ///< The only one that it may be used with; nothing: any of its kind.
  JwsKey key;
};
/// The keys of a set that may sign: RSA of 2,048 to 8,192 bits, P-256; others are left out. Nothing: no set at all.
std::optional<std::vector<NamedKey>> read_keys(std::string_view json);

/// The one key that may have signed the token. Null: none, or more than one.
const NamedKey* key_for(const Token& token, std::span<const NamedKey> keys);

struct Expected {
  std::string_view issuer, client_id, nonce;
  WallTime now;
};
/// Whether what a token says holds for us, here and now. A clock may go wrong by a minute.
std::optional<TokenFault> fault_of(const wire::Value& claims, const Expected& expected);

struct Person {
  std::string name;  ///< For people: a verified e-mail address, else what the provider calls them; 1–100 octets.
  std::vector<std::string> groups;
};
Person person_of(const wire::Value& claims, std::string_view groups_claim);

/// The first grant whose group is among `groups`. Null: they may do nothing.
const OidcGrant* grant_for(std::span<const std::string> groups, std::span<const OidcGrant> grants);

}  // namespace xion::oidc
