#include "dashboard/webauthn/ceremony.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "crypto/jws_check.h"
#include "dashboard/oidc/base64url.h"

namespace xion::webauthn {
namespace {

const OpenSslSignatureCheck device_checks;

std::string place_told(std::string url) {
  Settings settings;
  settings.dashboard_url = std::move(url);
  const auto place = place_of(settings);
  return place ? fmt::format("{} {}", place->origin, place->rp_id) : "none";
}

std::string from_hex(std::string_view digits) {
  std::string octets;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
    octets += static_cast<char>(std::stoi(std::string(digits.substr(at, 2)), nullptr, 16));
  return octets;
}

}  // namespace

TEST_CASE("passkeys belong to a host that browsers make them for") {
  CHECK(place_told("https://otp.example.net") == "https://otp.example.net otp.example.net");
  CHECK(place_told("https://OTP.example.net:443") == "https://otp.example.net otp.example.net");
  CHECK(place_told("https://otp.example.net:8443") == "https://otp.example.net:8443 otp.example.net");
  CHECK(place_told("http://localhost:8080") == "http://localhost:8080 localhost");
  CHECK(place_told("http://localhost:80") == "http://localhost localhost");
  for (const char* url : {"", "http://otp.example.net", "https://192.0.2.7", "https://192.0.2.7:8443",
                          "https://[2001:db8::1]", "http://127.0.0.1:8080", "http://evil-localhost"}) {
    CAPTURE(url);
    CHECK(place_told(url) == "none");
  }
}

/// The standard's own: WebAuthn Level 3 §16.1.1, "none" attestation with ES256.
const std::string standard_key = from_hex(
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26"
    "df61930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220");
const std::string standard_signature = from_hex(
    "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78"
    "c6e486013f937295ea13653e331e87");
const Brought standard_get{
    .client_data = R"({"type":"webauthn.get","challenge":"OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag",)"
                   R"("origin":"https://example.org","crossOrigin":false})",
    .authenticator_data = from_hex("bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000")};
const Asked standard_asked{.ceremony = Ceremony::get,
                           .place = {.origin = "https://example.org", .rp_id = "example.org"},
                           .challenge = "OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag"};

TEST_CASE("the standard's example is signed, and nothing near it is") {
  const std::string content = signed_content(standard_get, device_checks);
  CHECK(device_checks.is_passkey(standard_key));
  CHECK(device_checks.is_signed_by_passkey(standard_key, content, standard_signature));
  CHECK_FALSE(device_checks.is_signed_by_passkey(standard_key, content + '\0', standard_signature));
  for (std::size_t at = 0; at < standard_signature.size(); ++at) {
    std::string other = standard_signature;
    other[at] = static_cast<char>(other[at] ^ 1);
    CHECK_FALSE(device_checks.is_signed_by_passkey(standard_key, content, other));
  }
  for (const std::string& other : {std::string(), standard_key + '\0', standard_key.substr(1), std::string(91, 'x')})
    CHECK_FALSE(device_checks.is_passkey(other));
}

TEST_CASE("what an authenticator says is read as the standard's example has it, which nobody verified") {
  const auto with_flags = [](unsigned flags) {
    Brought brought = standard_get;
    brought.authenticator_data[32] = static_cast<char>(flags);
    brought.authenticator_data.back() = 7;
    return read(standard_asked, brought, device_checks);
  };
  CHECK(read(standard_asked, standard_get, device_checks).error() == Fault::unverified);
  CHECK(with_flags(0x1D).value().sign_count == 7);
  CHECK(with_flags(0x05).value().sign_count == 7);
  CHECK(with_flags(0x1C).error() == Fault::absent);
  CHECK(with_flags(0x15).error() == Fault::malformed);  // Backed up, though it can't be.
  CHECK(with_flags(0x45).error() == Fault::malformed);
  Asked other = standard_asked;
  other.place.rp_id = "example.com";
  CHECK(read(other, standard_get, device_checks).error() == Fault::place);
  other.place.origin = "https://example.com";
  CHECK(read(other, standard_get, device_checks).error() == Fault::origin);
  other.challenge.back() = 'h';
  CHECK(read(other, standard_get, device_checks).error() == Fault::challenge);
  other.ceremony = Ceremony::create;
  CHECK(read(other, standard_get, device_checks).error() == Fault::type);
}

TEST_CASE("whatever is cut off or added is no passkey's word") {
  const Asked asked{.ceremony = Ceremony::create,
                    .place = {.origin = "https://example.org", .rp_id = "example.org"},
                    .challenge = "AAAA"};
  const std::string client =
      R"({"type":"webauthn.create","challenge":"AAAA","origin":"https://example.org","crossOrigin":false})";
  const std::string whole = std::string(as_text(device_checks.sha256("example.org"))) + from_hex("4500000000") +
                            std::string(16, '\0') + from_hex("0010") + std::string(16, 'c') + from_hex("a5");
  CHECK(read(asked, {client, whole}, device_checks).value().credential == std::string(16, 'c'));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(read(asked, {client, whole.substr(0, length)}, device_checks));
  }
  for (std::size_t length = 0; length < client.size(); ++length)
    CHECK_FALSE(read(asked, {client.substr(0, length), whole}, device_checks));
}

}  // namespace xion::webauthn
