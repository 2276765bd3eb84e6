#include "dashboard/oidc/sign_in.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/log.h"
#include "dashboard/answers.h"
#include "dashboard/cookies.h"

namespace xion::dashboard {
namespace {

constexpr std::size_t document_octets_max = 64 * 1024;
constexpr Millis document_time_limit{10'000};
constexpr Seconds provider_life{3'600};  ///< How long its discovery is believed.
constexpr Seconds keys_life{3'600};
constexpr std::size_t under_way_at_most = 64;
constexpr std::size_t waiting_at_most = 256;
constexpr std::string_view sign_in_page = "/dashboard/sign-in";

std::string_view cookie_name(const Settings& settings) {
  return DashboardAccess::is_secure(settings) ? "__Host-xionid_oidc" : "xionid_oidc";
}

/// Lax: the browser comes back from another site.
std::string cookie_line(const Settings& settings, std::string_view value, Seconds life) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", cookie_name(settings), value, life.count(),
                     DashboardAccess::is_secure(settings) ? "; Secure" : "");
}

HttpAnswer sent_to(std::string location) {
  HttpAnswer answer{.status = 303,
                    .content_type = "text/plain",
                    .headers = {{"Location", std::move(location)}, {"Cache-Control", "no-store"}},
                    .body = {}};
  add_guards(answer);
  return answer;
}

}  // namespace

/// A browser that came back, on its way in.
struct OidcSignIn::Return {
  Exchange exchange;
  ProviderPtr provider;
  oidc::Attempt attempt;
  oidc::Token token;
};

void OidcSignIn::handle(Exchange exchange) {
  if (!services_.settings->oidc.is_on())
    return exchange->reply(problem(404, "not_found", "No provider signs people in here", "[dashboard.oidc]"));
  if (exchange->method() != HttpMethod::get) return exchange->reply(wrong_method("GET", "Browsers are sent there"));
  if (exchange->path() == "/dashboard/oidc/start") return start(exchange);
  if (exchange->path() == "/dashboard/oidc/callback") return take_back(exchange);
  exchange->reply(problem(404, "not_found", "There is nothing here"));
}

/// `told` is what the page says; `reason` is the log's alone.
void OidcSignIn::refuse(const Exchange& exchange, std::string_view reason, std::string_view told) {
  if (lines_.take(services_.loop.now()))
    log::warning("dashboard.oidc.refused", "reason={} address={}", reason, exchange->peer_address());
  HttpAnswer answer = sent_to(fmt::format("{}?refused={}", sign_in_page, told));
  answer.headers.emplace_back("Set-Cookie", cookie_line(*services_.settings, "", Seconds{0}));
  exchange->reply(std::move(answer));
}

void OidcSignIn::start(const Exchange& exchange) {
  with_provider([this, exchange](const ProviderPtr& provider) {
    if (!provider) return refuse(exchange, "unreachable", "unreachable");
    const Settings& settings = *services_.settings;
    std::array<std::uint8_t, 32> random{};
    services_.entropy.fill(random);
    const WallTime now = services_.loop.wall_now();
    const std::string cookie = oidc::new_attempt(now, random);
    const auto attempt = oidc::read_attempt(cookie, provider->issuer, now, ports_.signatures);
    HttpAnswer answer = sent_to(oidc::authorization_url(*provider, settings, *attempt, ports_.signatures));
    answer.headers.emplace_back("Set-Cookie", cookie_line(settings, cookie, oidc::attempt_life));
    exchange->reply(std::move(answer));
  });
}

void OidcSignIn::take_back(const Exchange& exchange) {
  with_provider([this, exchange](const ProviderPtr& provider) {
    if (!provider) return refuse(exchange, "unreachable", "unreachable");
    const auto cookie = cookie_of(*exchange, cookie_name(*services_.settings));
    auto attempt = cookie ? oidc::read_attempt(*cookie, provider->issuer, services_.loop.wall_now(), ports_.signatures)
                          : std::nullopt;
    const auto code = oidc::code_of(exchange->query(), *provider, attempt);
    if (!code) {
      const bool is_word = code.error() == oidc::CallbackFault::provider_refused;
      return refuse(exchange, to_string(code.error()), is_word ? "provider" : "again");
    }
    if (under_way_ >= under_way_at_most) return refuse(exchange, "too_many", "again");
    change_code(std::make_shared<Return>(exchange, provider, *std::move(attempt), oidc::Token{}), *code);
  });
}

void OidcSignIn::change_code(std::shared_ptr<Return> back, std::string_view code) {
  ++under_way_;
  ports_.http.post(oidc::token_request(*back->provider, *services_.settings, back->attempt, code),
                   [this, back](const PostOutcome& outcome) {
                     --under_way_;
                     if (outcome.http_status == 0) {
                       log::warning("dashboard.oidc.unreachable", "of=token_endpoint error=\"{}\"", outcome.error);
                       return refuse(back->exchange, "unreachable", "unreachable");
                     }
                     if (outcome.http_status != 200) return refuse(back->exchange, "code", "again");
                     const auto text = oidc::id_token_of(outcome.body);
                     if (!text) return refuse(back->exchange, "no_token", "again");
                     auto token = oidc::read_token(*text);
                     if (!token) return refuse(back->exchange, to_string(token.error()), "again");
                     back->token = *std::move(token);
                     const bool are_old = keys_.empty() || services_.loop.now() - keys_at_ > keys_life;
                     if (!are_old) return judge(back, false);
                     fetch_keys(back->provider, [this, back] { judge(back, true); });
                   });
}

/// A key that we don't know may be a new one of the provider's: it is asked once more.
void OidcSignIn::judge(const std::shared_ptr<Return>& back, bool are_keys_new) {
  // A reload may have named another provider, or none, while this one was asked: its word is worth nothing any more.
  const std::string& issuer = back->provider->issuer;
  if (issuer != services_.settings->oidc.issuer || provider_->issuer != issuer)
    return refuse(back->exchange, to_string(oidc::CallbackFault::other_issuer), "again");
  const oidc::NamedKey* key = oidc::key_for(back->token, keys_);
  if (key == nullptr) {
    if (!are_keys_new && key_asks_.take(services_.loop.now()))
      return fetch_keys(back->provider, [this, back] { judge(back, true); });
    return refuse(back->exchange, to_string(oidc::TokenFault::no_key), "again");
  }
  const oidc::Token& token = back->token;
  if (!ports_.signatures.is_signed(token.algorithm, key->key, token.content, token.signature))
    return refuse(back->exchange, to_string(oidc::TokenFault::signature), "again");
  const auto fault = oidc::fault_of(token.claims, {.issuer = back->provider->issuer,
                                                   .client_id = services_.settings->oidc.client_id,
                                                   .nonce = back->attempt.nonce,
                                                   .now = services_.loop.wall_now()});
  if (fault) return refuse(back->exchange, to_string(*fault), "again");
  const MonoTime now = services_.loop.now();
  std::erase_if(used_, [now](const auto& one) { return now - one.second > oidc::attempt_life; });
  if (!used_.emplace(back->attempt.nonce, now).second) return refuse(back->exchange, "replayed", "again");
  admit(back);
}

void OidcSignIn::admit(const std::shared_ptr<Return>& back) {
  const OidcSettings& settings = services_.settings->oidc;
  const oidc::Person person = oidc::person_of(back->token.claims, settings.groups_claim);
  const OidcGrant* grant = oidc::grant_for(person.groups, settings.grants);
  if (grant == nullptr) return refuse(back->exchange, "no_group", "nobody");
  const auto app = services_.directory.app_named(grant->app);
  if (!grant->app.empty() && !app) return refuse(back->exchange, "no_app", "nobody");
  const auto role = parse_dashboard_role(grant->role);
  if (!role) return refuse(back->exchange, "no_role", "nobody");
  services_.dashboard->admit(
      {.app = app ? app->app.id : 0, .role = *role, .person = person.name}, std::string(back->exchange->peer_address()),
      [this, exchange = back->exchange](const std::expected<NewPass, SignInError>& made) {
        if (!made) return refuse(exchange, made.error() == SignInError::no_room ? "no_room" : "store", "store");
        const Settings& now = *services_.settings;
        // The page asks by itself with the cookie; this very answer came by a link of another site.
        HttpAnswer answer = sent_to(std::string(sign_in_page));
        answer.headers.emplace_back("Set-Cookie", cookie_line(now, "", Seconds{0}));
        answer.headers.emplace_back(
            "Set-Cookie",
            session_cookie(now, made->secret.reveal(),
                           std::chrono::ceil<Seconds>(made->pass.expires_at - services_.loop.wall_now())));
        exchange->reply(std::move(answer));
      });
}

bool OidcSignIn::is_known(std::string_view issuer) const {
  return provider_ && provider_->issuer == issuer && services_.loop.now() < provider_until_;
}

void OidcSignIn::with_provider(WithProvider then) {
  const std::string issuer = services_.settings->oidc.issuer;
  if (is_known(issuer)) return then(provider_);
  if (issuer.empty() || waiting_.size() >= waiting_at_most) return then(nullptr);
  waiting_.push_back(std::move(then));
  if (waiting_.size() > 1) return;
  fetch(oidc::discovery_url(issuer), [this, issuer](std::optional<std::string> document) {
    std::string why;
    auto found = document ? oidc::read_provider(*document, issuer, why) : std::nullopt;
    if (document && !found) log::warning("dashboard.oidc.unusable", "issuer=\"{}\" reason=\"{}\"", issuer, why);
    if (found) {
      if (!provider_ || provider_->jwks_uri != found->jwks_uri) keys_.clear();
      provider_ = std::make_shared<const oidc::Provider>(*std::move(found));
      provider_until_ = services_.loop.now() + provider_life;
    }
    // A reload may have named another provider meanwhile: then everybody waits for that one.
    const bool is_other = services_.settings->oidc.issuer != issuer;
    for (WithProvider& each : std::exchange(waiting_, {}))
      is_other ? with_provider(std::move(each)) : each(is_known(issuer) ? provider_ : nullptr);
  });
}

void OidcSignIn::fetch_keys(const ProviderPtr& provider, std::move_only_function<void()> then) {
  fetch(provider->jwks_uri, [this, provider, then = std::move(then)](std::optional<std::string> document) mutable {
    // Another provider's by now: its keys speak for nobody.
    if (!provider_ || provider_->jwks_uri != provider->jwks_uri) return then();
    keys_at_ = services_.loop.now();
    auto keys = document ? oidc::read_keys(*document) : std::nullopt;
    if (keys)
      keys_ = *std::move(keys);
    else if (document)
      log::warning("dashboard.oidc.unusable", "issuer=\"{}\" reason=\"{}\"", provider->issuer,
                   "its keys are no JSON Web Key Set");
    then();
  });
}

void OidcSignIn::fetch(std::string url, std::move_only_function<void(std::optional<std::string>)> then) {
  OutgoingPost get{.url = std::move(url),
                   .headers = {{"Accept", "application/json"}},
                   .body = {},
                   .time_limit = document_time_limit,
                   .may_be_private = true,
                   .is_get = true,
                   .answer_octets_max = document_octets_max,
                   .ca = services_.settings->oidc.ca};
  const std::string of = get.url;
  ports_.http.post(std::move(get), [of, then = std::move(then)](PostOutcome outcome) mutable {
    if (outcome.http_status == 200) return then(std::move(outcome.body));
    log::warning("dashboard.oidc.unreachable", "of=\"{}\" error=\"{}\"", of,
                 outcome.http_status == 0 ? outcome.error : fmt::format("HTTP {}", outcome.http_status));
    then(std::nullopt);
  });
}

}  // namespace xion::dashboard
