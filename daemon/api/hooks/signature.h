#pragma once
#include "api/hooks/adapter.h"

/// How auth servers sign their calls, each read into what was signed and the signatures that may be of it; whether one
/// is right, whoever has the secret says. A sentence where there is none, or it is of another time.
namespace xion {

/// How far a call's own time may be from ours, either way. Source: Standard Webhooks asks for such a bound; Zitadel's
/// own check has 300 s.
inline constexpr Seconds signature_tolerance{300};

/// Supabase: `webhook-id`, `webhook-timestamp`, `webhook-signature`. Source: Standard Webhooks, "Signature scheme".
std::expected<SignedCall, std::string> standard_webhooks_signature(const HttpExchange& exchange, JsonReader& reader,
                                                                   WallTime now);
/// Zitadel: `ZITADEL-Signature: t=<seconds>,v1=<hex>`, over `<seconds>.<body>`.
std::expected<SignedCall, std::string> zitadel_signature(const HttpExchange& exchange, JsonReader& reader,
                                                         WallTime now);
/// Auth0: a JWT of HS256 as the bearer token, which doesn't cover the body. Source: RFC 7515 §5.2, RFC 7519 §4.1.
std::expected<SignedCall, std::string> jwt_signature(const HttpExchange& exchange, JsonReader& reader, WallTime now);

}  // namespace xion
