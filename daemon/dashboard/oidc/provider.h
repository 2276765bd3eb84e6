#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.h"

/// What a provider says of itself. Source: OpenID Connect Discovery 1.0, RFC 8414.
namespace xion::oidc {

struct Provider {
  std::string issuer, authorization_endpoint, token_endpoint, jwks_uri;
  bool names_itself = false;          ///< Its answers carry `iss`. Source: RFC 9207 §2.3.
  bool takes_secret_in_body = false;  ///< `client_secret_post` and no `client_secret_basic`.
};

/// Where it says it: behind the issuer's own path.
std::string discovery_url(std::string_view issuer);

/// Nothing, and the sentence why in `why`, where it is not the issuer that was asked, an endpoint is missing or not
/// protected, or it knows PKCE without S256.
std::optional<Provider> read_provider(std::string_view json, std::string_view issuer, std::string& why);

}  // namespace xion::oidc
