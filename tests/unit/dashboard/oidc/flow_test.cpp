#include "dashboard/oidc/flow.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <set>
#include <string>

#include "crypto/jws_check.h"

namespace xion::oidc {
namespace {

const OpenSslSignatureCheck hashes;
const WallTime begun = wall_time(1'770'000'000'000);
const Provider provider{.issuer = "https://id.example",
                        .authorization_endpoint = "https://id.example/authorize",
                        .token_endpoint = "https://id.example/token",
                        .jwks_uri = "https://id.example/keys"};

std::string cookie(std::uint8_t filler = 7) {
  std::array<std::uint8_t, 32> random{};
  random.fill(filler);
  return new_attempt(begun, random);
}
Attempt attempt(std::uint8_t filler = 7) {
  return read_attempt(cookie(filler), provider.issuer, begun, hashes).value();
}

Settings settings() {
  Settings made;
  made.dashboard_url = "https://otp.example.net";
  made.oidc.issuer = provider.issuer;
  made.oidc.client_id = "xion id";
  return made;
}

std::string asked(std::string_view query, const Provider& of = provider) {
  const auto code = code_of(query, of, attempt());
  return code ? *code : std::string(to_string(code.error()));
}

std::string discovery(std::string_view more = "") {
  return R"({"issuer":"https://id.example","authorization_endpoint":"https://id.example/a","token_endpoint":)"
         R"("https://id.example/t","jwks_uri":"https://id.example/k")" +
         std::string(more) + "}";
}

}  // namespace

TEST_CASE("a try is ten minutes old at most, and the browser's alone") {
  REQUIRE(read_attempt(cookie(), provider.issuer, begun, hashes));
  CHECK(read_attempt(cookie(), provider.issuer, begun + attempt_life, hashes));
  CHECK_FALSE(read_attempt(cookie(), provider.issuer, begun + attempt_life + Seconds{1}, hashes));
  CHECK_FALSE(read_attempt(cookie(), provider.issuer, begun - Seconds{61}, hashes));
  for (const std::string& wrong : {std::string(), cookie() + "A", cookie().substr(1), "." + cookie(), "x" + cookie(),
                                   cookie().substr(0, 20), "-" + cookie(), std::string(55, '1')}) {
    CAPTURE(wrong);
    CHECK_FALSE(read_attempt(wrong, provider.issuer, begun, hashes));
  }
}

TEST_CASE("a try at one provider is none at another") {
  const Attempt here = attempt();
  const Attempt there = read_attempt(cookie(), "https://evil.example", begun, hashes).value();
  CHECK(here.state != there.state);
  CHECK(here.nonce != there.nonce);
  CHECK(here.verifier != there.verifier);
}

TEST_CASE("what goes through other hands tells nothing of the cookie or of each other, and is new each time") {
  std::set<std::string> seen;
  for (const std::uint8_t filler : {std::uint8_t{1}, std::uint8_t{2}}) {
    const Attempt made = attempt(filler);
    for (const std::string& text : {made.state, made.nonce, made.verifier}) {
      CHECK(text.size() == 43);  // RFC 7636 §4.1 wants that many at least.
      CHECK_FALSE(cookie(filler).contains(text));
      seen.insert(text);
    }
  }
  CHECK(seen.size() == 6);
}

TEST_CASE("a browser is sent with all that the answer will be held against") {
  const std::string url = authorization_url(provider, settings(), attempt(), hashes);
  CHECK(url.starts_with("https://id.example/authorize?response_type=code&client_id=xion%20id&"));
  CHECK(url.contains("redirect_uri=https%3A%2F%2Fotp.example.net%2Fdashboard%2Foidc%2Fcallback&"));
  CHECK(url.contains("scope=openid%20email%20profile&"));
  CHECK(url.contains("state=" + attempt().state));
  CHECK(url.contains("nonce=" + attempt().nonce));
  CHECK(url.ends_with("&code_challenge_method=S256"));
  CHECK_FALSE(url.contains(attempt().verifier));
  Provider with_query = provider;
  with_query.authorization_endpoint += "?p=staff";
  CHECK(authorization_url(with_query, settings(), attempt(), hashes)
            .starts_with("https://id.example/authorize?p=staff&r"));
}

TEST_CASE("a code is taken from this provider's answer to this browser's try alone") {
  const std::string state = "&state=" + attempt().state;
  CHECK(asked("code=a%2Bb" + state) == "a+b");
  CHECK(asked("code=c" + state + "&iss=https%3A%2F%2Fid.example") == "c");
  CHECK(asked("code=c") == "other_attempt");
  CHECK(asked("code=c&state=") == "other_attempt");
  CHECK(asked("code=c&state=" + attempt(8).state) == "other_attempt");
  CHECK(to_string(code_of("code=c" + state, provider, std::nullopt).error()) == "other_attempt");
  CHECK(asked("code=c" + state + "&iss=https%3A%2F%2Fevil.example") == "other_issuer");
  CHECK(asked("code=c" + state + "&iss=") == "other_issuer");
  CHECK(asked("error=access_denied" + state) == "provider_refused");
  CHECK(asked("error=access_denied&code=c" + state) == "provider_refused");
  CHECK(asked("error=access_denied") == "other_attempt");
  CHECK(asked("code=" + state) == "no_code");
  CHECK(asked("code=c&code=d" + state) == "malformed");
  CHECK(asked("code=c" + state + state) == "malformed");
  CHECK(asked("code=%" + state) == "malformed");
  CHECK(asked("code=c%0" + state) == "malformed");
  CHECK(asked("code=" + std::string(9'000, 'c') + state) == "malformed");
  Provider named = provider;
  named.names_itself = true;
  CHECK(asked("code=c" + state, named) == "other_issuer");
  CHECK(asked("code=c" + state + "&iss=https%3A%2F%2Fid.example", named) == "c");
}

TEST_CASE("a code is changed by who has the verifier, and the client's secret where there is one") {
  Settings own = settings();
  const OutgoingPost open = token_request(provider, own, attempt(), "c&d");
  CHECK(open.body.contains("grant_type=authorization_code&code=c%26d&"));
  CHECK(open.body.contains("code_verifier=" + attempt().verifier));
  CHECK(open.body.ends_with("&client_id=xion%20id"));
  CHECK(open.answer_octets_max > 0);
  own.oidc.client_secret = Secret("p@ss");
  const OutgoingPost basic = token_request(provider, own, attempt(), "c");
  CHECK_FALSE(basic.body.contains("client_"));
  CHECK(basic.headers.back() == std::pair<std::string, std::string>("Authorization", "Basic eGlvbiUyMGlkOnAlNDBzcw=="));
  Provider in_body = provider;
  in_body.takes_secret_in_body = true;
  CHECK(token_request(in_body, own, attempt(), "c").body.ends_with("&client_id=xion%20id&client_secret=p%40ss"));
  CHECK(id_token_of(R"({"id_token":"a.b.c"})") == "a.b.c");
  for (const auto* none : {"", "{}", R"({"id_token":7})", "[]"}) CHECK_FALSE(id_token_of(none));
}

TEST_CASE("a provider is who was asked, and everything of it is protected") {
  std::string why;
  const auto read = [&](const std::string& json) { return read_provider(json, "https://id.example", why); };
  const auto found = read(discovery());
  REQUIRE(found);
  CHECK(found->token_endpoint == "https://id.example/t");
  CHECK_FALSE(found->names_itself);
  CHECK_FALSE(found->takes_secret_in_body);
  CHECK(read(discovery(R"(,"authorization_response_iss_parameter_supported":true)"))->names_itself);
  CHECK(read(discovery(R"(,"token_endpoint_auth_methods_supported":["client_secret_post"])"))->takes_secret_in_body);
  CHECK(read(discovery(R"(,"code_challenge_methods_supported":["plain","S256"])")));
  CHECK_FALSE(read(discovery(R"(,"code_challenge_methods_supported":["plain"])")));
  CHECK(why == "it does not take PKCE by S256");
  CHECK_FALSE(read_provider(discovery(), "https://id.example/", why));
  CHECK(why == "its discovery names another issuer");
  for (const auto* name : {"authorization_endpoint", "token_endpoint", "jwks_uri"}) {
    std::string plain = discovery();
    const auto at = plain.find("https", plain.find(name));
    plain.replace(at, 5, "http");
    CHECK_FALSE(read(plain));
    CHECK(why == fmt::format("its {} is not https", name));
  }
  for (const auto* wrong : {"", "[]", "{}", R"({"issuer":7})"}) CHECK_FALSE(read(wrong));
  CHECK(discovery_url("https://id.example/realms/x") == "https://id.example/realms/x/.well-known/openid-configuration");
  CHECK(discovery_url("https://id.example/") == "https://id.example/.well-known/openid-configuration");
}

}  // namespace xion::oidc
