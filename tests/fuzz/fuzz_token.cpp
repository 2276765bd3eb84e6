// What an OpenID provider and a browser that comes from it say: whatever comes is read in bounded time or refused, a
// text of base64url has one spelling, and nothing that nobody signed is believed.
#include <array>
#include <string>

#include "crypto/jws_check.h"
#include "dashboard/oidc/base64url.h"
#include "dashboard/oidc/flow.h"
#include "dashboard/oidc/id_token.h"
#include "dashboard/oidc/provider.h"
#include "fuzz_input.h"

using namespace xion;

namespace {

const OpenSslSignatureCheck checks;
const WallTime now = wall_time(1'770'000'000'000);

const std::vector<oidc::NamedKey>& own_keys() {
  static const auto keys =
      oidc::read_keys(R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                      R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
  return *keys;
}

void as_base64url(std::string_view text) {
  if (const auto octets = oidc::from_base64url(text)) XION_ASSERT(oidc::base64url(*octets) == text);
  XION_ASSERT(oidc::from_base64url(oidc::base64url(text)) == std::string(text));
}

void as_token(std::string_view text) {
  const auto token = oidc::read_token(text);
  if (!token) {
    XION_ASSERT(!to_string(token.error()).empty());
    return;
  }
  XION_ASSERT(text.starts_with(token->content) && token->claims.object() != nullptr);
  (void)oidc::fault_of(token->claims, {"https://id.example", "xionid", "nonce", now});
  XION_ASSERT(oidc::person_of(token->claims, "groups").name.size() <= 100);
  const oidc::NamedKey* key = oidc::key_for(*token, own_keys());
  if (key == nullptr || !checks.is_signed(token->algorithm, key->key, token->content, token->signature)) return;
  // Nobody here has that key: the one text that it signed is the standard's.
  XION_ASSERT(text.starts_with("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog"));
}

void as_documents(std::string_view json) {
  if (const auto keys = oidc::read_keys(json)) {
    for (const oidc::NamedKey& key : *keys)
      XION_ASSERT(!checks.is_signed(key.key.kind == JwsKey::Kind::rsa ? JwsAlgorithm::rs256 : JwsAlgorithm::es256,
                                    key.key, "content", "signature"));
  }
  std::string why;
  const auto provider = oidc::read_provider(json, "https://id.example", why);
  XION_ASSERT(provider.has_value() == why.empty());
  (void)oidc::id_token_of(json);
}

void as_callback(std::string_view query) {
  const oidc::Provider provider{
      .issuer = "https://id.example", .authorization_endpoint = {}, .token_endpoint = {}, .jwks_uri = {}};
  const std::array<std::uint8_t, 32> random{};
  const auto attempt = oidc::read_attempt(oidc::new_attempt(now, random), provider.issuer, now, checks);
  XION_ASSERT(attempt);
  XION_ASSERT(!oidc::code_of(query, provider, std::nullopt));
  if (oidc::code_of(query, provider, attempt)) XION_ASSERT(query.contains(attempt->state));
  if (const auto read = oidc::read_attempt(query, provider.issuer, now, checks)) XION_ASSERT(read->state.size() == 43);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  as_base64url(text);
  as_token(text);
  as_documents(text);
  as_callback(text);
  return 0;
}
