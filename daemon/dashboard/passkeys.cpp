#include "dashboard/passkeys.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/log.h"
#include "dashboard/answers.h"
#include "dashboard/cookies.h"
#include "dashboard/oidc/base64url.h"
#include "dashboard/oidc/flow.h"
#include "wire/value.h"

namespace xion::dashboard {
namespace {

constexpr std::size_t body_octets_max = 16 * 1024;
constexpr wire::JsonLimits passkey_limits{.depth = 4, .values = 16};

std::string_view passkey_cookie(const Settings& settings) {
  return DashboardAccess::is_secure(settings) ? "__Host-xionid_passkey" : "xionid_passkey";
}
std::string passkey_cookie_line(const Settings& settings, std::string_view value, Seconds life) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", passkey_cookie(settings), value,
                     life.count(), DashboardAccess::is_secure(settings) ? "; Secure" : "");
}

/// The octets of a member in base64url. Nothing: it is missing or none.
std::optional<std::string> octets_of(const wire::Value& object, std::string_view name) {
  const wire::Value* value = object.find(name);
  if (value == nullptr || value->text() == nullptr) return std::nullopt;
  return oidc::from_base64url(*value->text());
}

HttpAnswer no_passkeys() {
  return problem(404, "not_found", "Browsers make no passkeys for this address",
                 "[dashboard] url with https and a host's name");
}

}  // namespace

/// What came with a try that holds, but for its signature.
struct Passkeys::Answer {
  wire::Value body;
  webauthn::Brought brought;
  webauthn::Said said;
  std::string challenge;
};

bool Passkeys::are_offered() const {
  return services_.dashboard->has_passkeys() && webauthn::place_of(*services_.settings).has_value();
}

bool Passkeys::may_enrol(const DashboardSession& session) const {
  return services_.dashboard->may_enrol(session) && webauthn::place_of(*services_.settings).has_value();
}

std::string Passkeys::challenge_of(std::string_view cookie, std::string_view session) const {
  return oidc::base64url(as_text(checks_.sha256(fmt::format("xionid passkey {}\n{}", session, cookie))));
}

/// Whom an authenticator keeps a passkey for: the same for each of a person's, and tells nothing of them.
std::string Passkeys::user_of(const DashboardPass& pass) const {
  return oidc::base64url(
      as_text(checks_.sha256(fmt::format("xionid passkey of {} {}\n{}", pass.app, to_string(pass.role), pass.person))));
}

HttpAnswer Passkeys::asked(const webauthn::Place& place, std::string_view session, std::string_view more) {
  std::array<std::uint8_t, 32> random{};
  services_.entropy.fill(random);
  const std::string cookie = oidc::new_attempt(services_.loop.wall_now(), random);
  HttpAnswer answer = json_answer(200, fmt::format(R"({{"ok":true,"status":"ok","challenge":"{}","rpId":"{}"{}}})",
                                                   challenge_of(cookie, session), place.rp_id, more));
  answer.headers.emplace_back("Set-Cookie", passkey_cookie_line(*services_.settings, cookie, oidc::attempt_life));
  return answer;
}

void Passkeys::ask(const Exchange& exchange) {
  const auto place = webauthn::place_of(*services_.settings);
  exchange->reply(place ? asked(*place, {}, {}) : no_passkeys());
}

void Passkeys::ask_for_new(const Exchange& exchange, const DashboardSession& session) {
  const auto place = webauthn::place_of(*services_.settings);
  if (!place) return exchange->reply(no_passkeys());
  if (!may_enrol(session))
    return exchange->reply(problem(403, "insufficient_role",
                                   "A passkey is made right after signing in by an invitation",
                                   "one with a name: `xionctl dashboard invite --name`"));
  JsonWriter user;
  user.begin_object().field("id", user_of(session.pass)).field("name", session.pass.person).end_object();
  exchange->reply(asked(*place, session.pass.id, fmt::format(R"(,"user":{})", std::move(user).str())));
}

void Passkeys::refuse(const Exchange& exchange, std::string_view reason, int status) {
  const std::string address(exchange->peer_address());
  if (!services_.dashboard->note_failed_try(address)) {
    HttpAnswer refusal = problem(429, "rate_limited", "Too many tries from your address; wait a little");
    refusal.headers.emplace_back("Retry-After", "6");
    return exchange->reply(std::move(refusal));
  }
  log::warning("dashboard.passkey.refused", "reason={} address={}", reason, address);
  HttpAnswer answer = problem(status, "passkey_refused", "This passkey is not taken");
  answer.headers.emplace_back("Set-Cookie", passkey_cookie_line(*services_.settings, "", Seconds{0}));
  exchange->reply(std::move(answer));
}

std::optional<Passkeys::Answer> Passkeys::read(const Exchange& exchange, webauthn::Ceremony ceremony,
                                               std::string_view session) {
  const auto told = [&](std::string_view reason) {
    refuse(exchange, reason, session.empty() ? 401 : 422);
    return std::nullopt;
  };
  const auto place = webauthn::place_of(*services_.settings);
  if (!place || exchange->body().size() > body_octets_max) return told("malformed");
  auto body = wire::parse_json(exchange->body(), passkey_limits);
  if (!body || body->object() == nullptr) return told("malformed");
  const auto client_data = octets_of(*body, "clientData"), authenticator_data = octets_of(*body, "authenticatorData");
  if (!client_data || !authenticator_data) return told("malformed");
  const auto cookie = cookie_of(*exchange, passkey_cookie(*services_.settings));
  if (!cookie || !oidc::is_attempt(*cookie, services_.loop.wall_now())) return told("challenge");
  Answer answer{.body = *std::move(body),
                .brought = {.client_data = *client_data, .authenticator_data = *authenticator_data},
                .said = {},
                .challenge = challenge_of(*cookie, session)};
  auto said =
      webauthn::read({.ceremony = ceremony, .place = *place, .challenge = answer.challenge}, answer.brought, checks_);
  if (!said) return told(to_string(said.error()));
  const MonoTime now = services_.loop.now();
  std::erase_if(used_, [now](const auto& one) { return now - one.second > 2 * oidc::attempt_life; });
  if (used_.contains(answer.challenge)) return told("replayed");
  answer.said = *std::move(said);
  return answer;
}

void Passkeys::add(const Exchange& exchange, const DashboardSession& session) {
  if (!may_enrol(session)) return refuse(exchange, "late", 422);
  const auto answer = read(exchange, webauthn::Ceremony::create, session.pass.id);
  if (!answer) return;
  const auto key = octets_of(answer->body, "publicKey");
  if (!key || !checks_.is_passkey(*key)) return refuse(exchange, to_string(webauthn::Fault::key), 422);
  used_.emplace(answer->challenge, services_.loop.now());
  services_.dashboard->enrol(
      session.pass, {.credential = answer->said.credential, .public_key = *key, .sign_count = answer->said.sign_count},
      [exchange](const std::expected<DashboardPass, Refusal>& made) {
        if (!made) return exchange->reply(problem(422, "refused", made.error().detail, made.error().hint));
        exchange->reply(json_answer(200, fmt::format(R"({{"ok":true,"status":"ok","id":"{}"}})", made->id)));
      });
}

void Passkeys::sign_in(const Exchange& exchange) {
  const auto answer = read(exchange, webauthn::Ceremony::get, {});
  if (!answer) return;
  const auto id = octets_of(answer->body, "id"), signature = octets_of(answer->body, "signature");
  const auto passkey = id ? services_.dashboard->passkey(*id) : std::nullopt;
  if (!passkey || !signature) return refuse(exchange, "unknown", 401);
  const wire::Value* user = answer->body.find("user");
  if (user == nullptr || user->text() == nullptr || *user->text() != user_of(*passkey))
    return refuse(exchange, "unknown", 401);
  if (!checks_.is_signed_by_passkey(passkey->public_key, webauthn::signed_content(answer->brought, checks_),
                                    *signature))
    return refuse(exchange, to_string(webauthn::Fault::signature), 401);
  used_.emplace(answer->challenge, services_.loop.now());
  services_.dashboard->enter_by(
      *passkey, answer->said.sign_count, std::string(exchange->peer_address()),
      [this, exchange](const std::expected<NewPass, SignInError>& made) {
        if (!made && (made.error() == SignInError::cloned || made.error() == SignInError::unknown_invite))
          return refuse(exchange, made.error() == SignInError::cloned ? "cloned" : "unknown", 401);
        if (!made) return exchange->reply(problem(503, "store_unavailable", "The store can't be written; try again"));
        const Settings& now = *services_.settings;
        HttpAnswer entered = json_answer(
            200, fmt::format(R"({{"ok":true,"status":"signed-in","role":"{}"}})", to_string(made->pass.role)));
        entered.headers.emplace_back("Set-Cookie", passkey_cookie_line(now, "", Seconds{0}));
        entered.headers.emplace_back(
            "Set-Cookie",
            session_cookie(now, made->secret.reveal(),
                           std::chrono::ceil<Seconds>(made->pass.expires_at - services_.loop.wall_now())));
        exchange->reply(std::move(entered));
      });
}

}  // namespace xion::dashboard
