#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "core/settings.h"
#include "dashboard/oidc/provider.h"
#include "ports/http_client.h"
#include "ports/signature_check.h"

/// The authorization code flow with PKCE, step by step. All of it is pure.
/// Sources: RFC 6749 §4.1, RFC 7636, RFC 9207, RFC 9700.
namespace xion::oidc {

inline constexpr Seconds attempt_life{600};

/// One try to sign in, of one browser. The browser alone keeps it, in a cookie, so that nobody's tries take room here,
/// and any node may end what another began. What goes through other hands is hashed out of it, each in its own way.
struct Attempt {
  std::string state, nonce, verifier;
};
/// A cookie's value for a try that begins now.
std::string new_attempt(WallTime now, std::span<const std::uint8_t, 32> random);
/// Whether it is such a value, and ten minutes old at most.
bool is_attempt(std::string_view cookie, WallTime now);
/// The try of a cookie at one provider: with another it becomes another, so that nobody brings one's answer to the
/// other, also where a reload came between. Nothing where the cookie is none of ours, or ten minutes old.
std::optional<Attempt> read_attempt(std::string_view cookie, std::string_view issuer, WallTime now,
                                    const SignatureCheck& hash);

/// Where the provider sends browsers back to.
std::string callback_url(const Settings& settings);
/// Where a browser is sent.
std::string authorization_url(const Provider& provider, const Settings& settings, const Attempt& attempt,
                              const SignatureCheck& hash);

enum class CallbackFault : std::uint8_t {
  malformed,         ///< A name twice, or what can't be decoded: who reads it otherwise may read another's.
  other_attempt,     ///< No try of this browser's.
  other_issuer,      ///< Another provider's answer, or one that does not say whose it is though it should.
  provider_refused,  ///< The provider says why: `error`.
  no_code,
};
std::string_view to_string(CallbackFault fault);
/// The code that a browser came back with.
std::expected<std::string, CallbackFault> code_of(std::string_view query, const Provider& provider,
                                                  const std::optional<Attempt>& attempt);

/// The call that changes a code for tokens.
OutgoingPost token_request(const Provider& provider, const Settings& settings, const Attempt& attempt,
                           std::string_view code);
/// The ID token of the answer. Nothing: there is none.
std::optional<std::string> id_token_of(std::string_view json);

}  // namespace xion::oidc
