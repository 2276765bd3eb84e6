#include "dashboard/oidc/id_token.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "crypto/jws_check.h"
#include "dashboard/oidc/base64url.h"
#include "unit/dashboard/oidc/jose_vectors.h"

namespace xion::oidc {
namespace {

const OpenSslSignatureCheck checks;
const WallTime now = wall_time(1'770'000'000'000);

std::string token_of(std::string_view header, std::string_view payload) {
  return base64url(header) + "." + base64url(payload) + "." + base64url("signature");
}
TokenFault fault_of_header(std::string_view header) {
  const auto token = read_token(token_of(header, "{}"));
  REQUIRE_FALSE(token);
  return token.error();
}

/// What a provider says rightly, but for `changed`, members that come in the place of its own.
std::optional<TokenFault> judged(std::string_view changed) {
  const std::string own[] = {R"("iss":"https://id.example")", R"("aud":"xionid")",  R"("exp":1770000300)",
                             R"("iat":1770000000)",           R"("nonce":"n-0S6")", R"("sub":"248289")"};
  std::string json;
  for (const std::string& member : own) {
    const auto name = member.substr(0, member.find(':') + 1);
    if (!changed.contains(name)) json += (json.empty() ? "" : ",") + member;
  }
  // A name with nothing behind it takes the member away.
  const std::string more(changed.ends_with(':') ? "" : changed);
  const auto claims = wire::parse_json("{" + json + (json.empty() || more.empty() ? "" : ",") + more + "}");
  REQUIRE(claims);
  return fault_of(*claims, {"https://id.example", "xionid", "n-0S6", now});
}

}  // namespace

TEST_CASE("tokens of the standards are read, their key is found, and it has signed them") {
  std::string set;
  for (const jose::Vector& vector : jose::vectors()) set += (set.empty() ? "" : ",") + vector.jwk;
  const auto keys = read_keys(R"({"keys":[)" + set + "]}");
  REQUIRE(keys);
  CHECK(keys->size() == 3);
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}}) {
    const jose::Vector& vector = jose::vectors()[at];
    const auto token = read_token(vector.token);
    REQUIRE(token);
    CHECK(token->algorithm == vector.algorithm);
    CHECK(token->claims.find("iss")->text() != nullptr);
    CHECK(checks.is_signed(token->algorithm, (*keys)[at].key, token->content, token->signature));
  }
  // Two RSA keys, and a token that does not say which of them it is.
  CHECK(key_for(*read_token(jose::vectors()[0].token), *keys) == nullptr);
  CHECK(key_for(*read_token(jose::vectors()[1].token), *keys) == &(*keys)[1]);
}

TEST_CASE("what is unsigned or symmetric is no token, however it is spelt") {
  for (const auto* name : {"none", "None", "NONE", "", "HS256", "HS512", "RS1", "RS384", "ES512", "rs256", "RS256 "}) {
    CAPTURE(name);
    CHECK(fault_of_header(fmt::format(R"({{"alg":"{}"}})", name)) == TokenFault::algorithm);
  }
  CHECK(fault_of_header("{}") == TokenFault::algorithm);
  CHECK(fault_of_header(R"({"alg":null})") == TokenFault::algorithm);
  CHECK(fault_of_header(R"({"alg":["RS256"]})") == TokenFault::algorithm);
}

TEST_CASE("what can't be read in one way is no token") {
  CHECK(fault_of_header(R"({"alg":"RS256","alg":"none"})") == TokenFault::malformed);
  CHECK(fault_of_header(R"({"alg":"RS256","crit":["b64"],"b64":false})") == TokenFault::malformed);
  CHECK(fault_of_header(R"({"alg":"RS256","kid":7})") == TokenFault::malformed);
  CHECK(fault_of_header(R"(["RS256"])") == TokenFault::malformed);
  const std::string good = token_of(R"({"alg":"RS256"})", "{}");
  REQUIRE(read_token(good));
  for (const std::string& wrong :
       {std::string(), std::string(".."), good + ".", "." + good, good + "=", good + "\n",
        good.substr(0, good.rfind('.')), token_of(R"({"alg":"RS256"})", "[]"),
        token_of(R"({"alg":"RS256"})", R"({"iss":1,"iss":2})"),
        token_of(R"({"alg":"RS256"})", fmt::format(R"({{"x":"{}"}})", std::string(40'000, 'x')))}) {
    CAPTURE(wrong);
    CHECK_FALSE(read_token(wrong));
  }
}

TEST_CASE("a key that a token brings along is not looked at") {
  const jose::Vector& vector = jose::vectors()[0];
  const auto token =
      read_token(token_of(R"({"alg":"RS256","jwk":)" + vector.jwk + R"(,"jku":"https://evil.example"})", "{}"));
  REQUIRE(token);
  CHECK(key_for(*token, {}) == nullptr);
}

TEST_CASE("keys that are too weak, too dear or for something else sign nothing") {
  const std::string n = base64url("\xC1" + std::string(255, 'n'));
  const auto count = [](std::string_view key) { return read_keys(fmt::format(R"({{"keys":[{}]}})", key))->size(); };
  CHECK(count(fmt::format(R"({{"kty":"RSA","n":"{}","e":"AQAB"}})", n)) == 1);
  for (const std::string& wrong :
       {fmt::format(R"({{"kty":"RSA","n":"{}","e":"AQAB","use":"enc"}})", n),
        fmt::format(R"({{"kty":"RSA","n":"{}","e":"AQAB","alg":"HS256"}})", n),
        fmt::format(R"({{"kty":"RSA","n":"{}","e":"AQ"}})", n), fmt::format(R"({{"kty":"RSA","n":"{}","e":"Ag"}})", n),
        fmt::format(R"({{"kty":"RSA","n":"{}"}})", n),
        fmt::format(R"({{"kty":"RSA","n":"{}","e":"AQAB"}})", base64url("\xC1" + std::string(127, 'n'))),
        fmt::format(R"({{"kty":"RSA","n":"{}","e":"AQAB"}})", base64url("\xC1" + std::string(1'100, 'n'))),
        fmt::format(R"({{"kty":"RSA","n":"{}","e":"AQAB"}})", base64url(std::string(200, '\0') + std::string(56, 'n'))),
        std::string(R"({"kty":"oct","k":"c2VjcmV0"})"), std::string(R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})"),
        std::string(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"), std::string("7"), std::string("{}")}) {
    CAPTURE(wrong);
    CHECK(count(wrong) == 0);
  }
  CHECK_FALSE(read_keys("{}"));
  CHECK_FALSE(read_keys(R"({"keys":{}})"));
  CHECK_FALSE(read_keys("["));
}

TEST_CASE("a key is found by its name, its kind and what it may be used with, or not at all") {
  const std::string n = base64url("\xC1" + std::string(255, 'n'));
  const auto keys = read_keys(
      fmt::format(R"({{"keys":[{{"kty":"RSA","kid":"a","n":"{0}","e":"AQAB"}},)"
                  R"({{"kty":"RSA","kid":"b","alg":"PS256","n":"{0}","e":"AQAB"}},)"
                  R"({{"kty":"RSA","kid":"c","n":"{0}","e":"AQAB"}},{{"kty":"RSA","kid":"c","n":"{0}","e":"Aw"}}]}})",
                  n));
  REQUIRE(keys);
  const auto found = [&](std::string_view header) { return key_for(*read_token(token_of(header, "{}")), *keys); };
  CHECK(found(R"({"alg":"RS256","kid":"a"})") == &(*keys)[0]);
  CHECK(found(R"({"alg":"PS256","kid":"b"})") == &(*keys)[1]);
  CHECK(found(R"({"alg":"RS256","kid":"b"})") == nullptr);
  CHECK(found(R"({"alg":"ES256","kid":"a"})") == nullptr);
  CHECK(found(R"({"alg":"RS256","kid":"d"})") == nullptr);
  CHECK(found(R"({"alg":"RS256","kid":"c"})") == nullptr);  // Two of one name.
  CHECK(found(R"({"alg":"RS256"})") == nullptr);
}

TEST_CASE("a token holds for us, here and now, for this one try") {
  CHECK_FALSE(judged(R"("x":1)"));
  const std::pair<const char*, TokenFault> wrong[] = {
      {R"("iss":)", TokenFault::issuer},
      {R"("iss":"https://id.example/")", TokenFault::issuer},
      {R"("iss":["https://id.example"])", TokenFault::issuer},
      {R"("aud":)", TokenFault::audience},
      {R"("aud":"other")", TokenFault::audience},
      {R"("aud":[])", TokenFault::audience},
      {R"("aud":["xionid","other"])", TokenFault::audience},
      {R"("aud":["xionid",7])", TokenFault::audience},
      {R"("azp":"other")", TokenFault::audience},
      {R"("azp":7)", TokenFault::audience},
      {R"("exp":)", TokenFault::expired},
      {R"("exp":"1770000300")", TokenFault::expired},
      {R"("exp":1769999940)", TokenFault::expired},
      {R"("iat":)", TokenFault::not_yet},
      {R"("iat":1770000061)", TokenFault::not_yet},
      {R"("iat":1769990000)", TokenFault::expired},
      {R"("nbf":1770000061)", TokenFault::not_yet},
      {R"("nbf":"soon")", TokenFault::not_yet},
      {R"("nonce":)", TokenFault::nonce},
      {R"("nonce":"n-0S7")", TokenFault::nonce},
      {R"("nonce":"")", TokenFault::nonce},
      {R"("sub":)", TokenFault::subject},
      {R"("sub":"")", TokenFault::subject},
  };
  for (const auto& [changed, fault] : wrong) {
    CAPTURE(changed);
    CHECK(judged(changed) == fault);
  }
  // A minute of two clocks, and other ways to say the same.
  for (const auto* right : {R"("exp":1769999941)", R"("iat":1770000060)", R"("exp":1770000300.5)", R"("exp":1e10)",
                            R"("aud":["xionid"])", R"("azp":"xionid")", R"("nbf":1770000060)"}) {
    CAPTURE(right);
    CHECK_FALSE(judged(right));
  }
}

TEST_CASE("a person is called by what is known of them, and an address that nobody verified is not") {
  const auto named = [](std::string_view json) { return person_of(*wire::parse_json(json), "groups").name; };
  CHECK(named(R"({"sub":"7","email":"ani@example.am","email_verified":true})") == "ani@example.am");
  CHECK(named(R"({"sub":"7","email":"ceo@example.am"})") == "7");
  CHECK(named(R"({"sub":"7","email":"ceo@example.am","email_verified":"true","name":"Ani"})") == "Ani");
  CHECK(named(R"({"sub":"7","preferred_username":"ani","name":"Ani"})") == "ani");
  std::string letters;
  for (int n = 0; n < 60; ++n) letters += "Ա";
  CHECK(named(R"({"sub":"7","name":"x)" + letters + "\"}") == "x" + letters.substr(0, 98));
}

TEST_CASE("the first grant whose group somebody has decides, and who has none may do nothing") {
  const std::vector<OidcGrant> grants{{"chiefs", "operator", ""}, {"team", "owner", "shop"}, {"all", "viewer", "shop"}};
  const auto granted = [&](std::string_view json, std::string_view claim = "groups") {
    const OidcGrant* grant = grant_for(person_of(*wire::parse_json(json), claim).groups, grants);
    return grant == nullptr ? std::string() : grant->role;
  };
  CHECK(granted(R"({"groups":["all","team"]})") == "owner");
  CHECK(granted(R"({"groups":["all"]})") == "viewer");
  CHECK(granted(R"({"groups":"chiefs"})") == "operator");
  CHECK(granted(R"({"roles":["chiefs"]})", "roles") == "operator");
  for (const auto* none : {R"({})", R"({"groups":[]})", R"({"groups":["Team"]})", R"({"groups":["tea"]})",
                           R"({"groups":[["team"]]})", R"({"groups":{"team":true}})", R"({"groups":"team all"})"}) {
    CAPTURE(none);
    CHECK(granted(none).empty());
  }
}

}  // namespace xion::oidc
