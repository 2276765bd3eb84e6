#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/owners/dashboard_access.h"
#include "app/services.h"
#include "dashboard/oidc/flow.h"
#include "dashboard/oidc/id_token.h"
#include "dashboard/oidc/provider.h"
#include "ports/http.h"
#include "ports/http_client.h"
#include "ports/signature_check.h"

namespace xion::dashboard {

/// What signing in by an OpenID provider stands on.
struct SignInPorts {
  HttpClient& http;
  const SignatureCheck& signatures;
};

/// Sends browsers to the provider and takes them back. What is decided is in `oidc`; here is what is asked of whom.
/// Loop thread only.
class OidcSignIn {
 public:
  OidcSignIn(Services& services, const SignInPorts& ports) : services_(services), ports_(ports) {}

  /// GET /dashboard/oidc/start, /dashboard/oidc/callback.
  void handle(std::shared_ptr<HttpExchange> exchange);

 private:
  using Exchange = std::shared_ptr<HttpExchange>;
  using ProviderPtr = std::shared_ptr<const oidc::Provider>;
  using WithProvider = std::move_only_function<void(const ProviderPtr&)>;
  struct Return;

  void start(const Exchange& exchange);
  void take_back(const Exchange& exchange);
  void change_code(std::shared_ptr<Return> back, std::string_view code);
  void judge(const std::shared_ptr<Return>& back, bool are_keys_new);
  void admit(const std::shared_ptr<Return>& back);
  void refuse(const Exchange& exchange, std::string_view reason, std::string_view told);

  /// Null: it can't be reached or used; the log says why.
  void with_provider(WithProvider then);
  void fetch(std::string url, std::move_only_function<void(std::optional<std::string>)> then);
  void fetch_keys(const ProviderPtr& provider, std::move_only_function<void()> then);
  bool is_known(std::string_view issuer) const;

  Services& services_;
  SignInPorts ports_;
  ProviderPtr provider_;
  MonoTime provider_until_{};
  std::vector<oidc::NamedKey> keys_;
  MonoTime keys_at_{};
  TokenBucket key_asks_{1.0 / 30, 3};  ///< Tokens of unknown keys don't make us ask as often as they come.
  TokenBucket lines_{1, 100};          ///< Of the log: anybody can come back with nothing.
  std::vector<WithProvider> waiting_;  ///< For the provider's discovery.
  std::size_t under_way_ = 0;          ///< Codes that are being changed.
  std::map<std::string, MonoTime, std::less<>>
      used_;  ///< Tries that ended well, by their nonce, while a token may live.
};

}  // namespace xion::dashboard
