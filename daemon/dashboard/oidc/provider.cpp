#include "dashboard/oidc/provider.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/owners/provider_url.h"
#include "wire/value.h"

namespace xion::oidc {
namespace {

constexpr wire::JsonLimits discovery_limits{.depth = 8, .values = 4'096};

/// Whether a list of words is there and lacks one.
bool lacks(const wire::Value& document, std::string_view list, std::string_view word) {
  const wire::Value* found = document.find(list);
  if (found == nullptr || found->array() == nullptr) return false;
  return std::ranges::none_of(*found->array(),
                              [&](const wire::Value& one) { return one.text() != nullptr && *one.text() == word; });
}

bool is_true(const wire::Value& document, std::string_view name) {
  const wire::Value* found = document.find(name);
  return found != nullptr && found->truth() != nullptr && *found->truth();
}

}  // namespace

std::string discovery_url(std::string_view issuer) {
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  return fmt::format("{}/.well-known/openid-configuration", issuer);
}

std::optional<Provider> read_provider(std::string_view json, std::string_view issuer, std::string& why) {
  const auto document = wire::parse_json(json, discovery_limits);
  if (!document || document->object() == nullptr) {
    why = "its discovery is no JSON object";
    return std::nullopt;
  }
  Provider provider;
  const std::pair<std::string_view, std::string*> members[] = {
      {"issuer", &provider.issuer},
      {"authorization_endpoint", &provider.authorization_endpoint},
      {"token_endpoint", &provider.token_endpoint},
      {"jwks_uri", &provider.jwks_uri}};
  for (const auto& [name, member] : members) {
    const wire::Value* found = document->find(name);
    if (found == nullptr || found->text() == nullptr) {
      why = fmt::format("its discovery has no {}", name);
      return std::nullopt;
    }
    *member = *found->text();
    if (name == "issuer" || is_provider_url(*member)) continue;
    why = fmt::format("its {} is not https", name);
    return std::nullopt;
  }
  // Octet by octet: else another provider's answers could be taken for this one's.
  if (provider.issuer != issuer) {
    why = "its discovery names another issuer";
    return std::nullopt;
  }
  if (lacks(*document, "code_challenge_methods_supported", "S256")) {
    why = "it does not take PKCE by S256";
    return std::nullopt;
  }
  provider.names_itself = is_true(*document, "authorization_response_iss_parameter_supported");
  provider.takes_secret_in_body = lacks(*document, "token_endpoint_auth_methods_supported", "client_secret_basic") &&
                                  !lacks(*document, "token_endpoint_auth_methods_supported", "client_secret_post");
  return provider;
}

}  // namespace xion::oidc
