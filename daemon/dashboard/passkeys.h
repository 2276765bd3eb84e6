#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/owners/dashboard_access.h"
#include "app/services.h"
#include "dashboard/webauthn/ceremony.h"
#include "ports/http.h"
#include "ports/signature_check.h"

namespace xion::dashboard {

/// Signing in by a passkey, and making one. A try is in the browser's cookie alone, its challenge is hashed out of that
/// and of the session that a passkey is made for, and one that was answered rightly is not answered again. What is
/// decided is in `webauthn`. Loop thread only.
class Passkeys {
 public:
  Passkeys(Services& services, const SignatureCheck& checks) : services_(services), checks_(checks) {}

  /// Whether anybody could sign in by one here.
  bool are_offered() const;
  bool may_enrol(const DashboardSession& session) const;

  /// POST passkeys/ask, passkeys/sign-in: before anybody is signed in.
  void ask(const std::shared_ptr<HttpExchange>& exchange);
  void sign_in(const std::shared_ptr<HttpExchange>& exchange);
  /// POST passkeys/new, passkeys/add: of whoever has a session.
  void ask_for_new(const std::shared_ptr<HttpExchange>& exchange, const DashboardSession& session);
  void add(const std::shared_ptr<HttpExchange>& exchange, const DashboardSession& session);

 private:
  using Exchange = std::shared_ptr<HttpExchange>;
  struct Answer;

  std::string challenge_of(std::string_view cookie, std::string_view session) const;
  HttpAnswer asked(const webauthn::Place& place, std::string_view session, std::string_view more);
  /// Nothing: it is refused already.
  std::optional<Answer> read(const Exchange& exchange, webauthn::Ceremony ceremony, std::string_view session);
  /// 401 of whoever wants to come in; 422 of whoever is.
  void refuse(const Exchange& exchange, std::string_view reason, int status);
  std::string user_of(const DashboardPass& pass) const;

  Services& services_;
  const SignatureCheck& checks_;
  std::map<std::string, MonoTime, std::less<>> used_;  ///< Challenges that were answered rightly, while a try may live.
};

}  // namespace xion::dashboard
