// What a browser says of a passkey: whatever comes is read in bounded time or refused, what is taken is of this try,
// this page and this host, by somebody who was asked, and nothing is signed by a key whose owner signed something else.
#include <string>

#include "crypto/jws_check.h"
#include "dashboard/webauthn/ceremony.h"
#include "fuzz_input.h"

using namespace xion;

namespace {

const OpenSslSignatureCheck checks;
constexpr std::string_view challenge = "OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag";
constexpr std::size_t flags_at = 32, head_octets = 37;

/// The standard's own: WebAuthn Level 3 §16.1.1.
constexpr std::string_view standard_key(
    "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04"
    "\xaf\xef\xa1\x6f\x97\xca\x9b\x2d\x23\xeb\x86\xcc\xb6\x40\x98\xd2\x0d\xb9\x08\x56\x06\x2e\xb2\x49\xc3\x3a\x9b\x67"
    "\x2f\x26\xdf\x61\x93\x0a\x56\xb8\x7a\x2f\xca\x66\x33\x4b\x03\x45\x8a\xbf\x87\x97\x17\xc1\x2c\xc6\x8e\xd7\x32\x90"
    "\xaf\x2e\x26\x64\x79\x6b\x92\x20",
    91);

void as_told(const webauthn::Asked& asked, const webauthn::Brought& brought) {
  const auto said = webauthn::read(asked, brought, checks);
  if (!said) {
    XION_ASSERT(!webauthn::to_string(said.error()).empty());
    return;
  }
  const std::string_view data = brought.authenticator_data;
  XION_ASSERT(data.size() >= head_octets && (static_cast<unsigned char>(data[flags_at]) & 0x05U) == 0x05U);
  XION_ASSERT(data.starts_with(as_text(checks.sha256(asked.place.rp_id))));
  const bool is_new = asked.ceremony == webauthn::Ceremony::create;
  XION_ASSERT(is_new ? said->credential.size() >= 16 && said->credential.size() <= 1'023 : said->credential.empty());
  XION_ASSERT(data.contains(said->credential));
  // What holds for one try holds for no other.
  webauthn::Asked other = asked;
  other.place.rp_id = "example.com";
  XION_ASSERT(webauthn::read(other, brought, checks).error() == webauthn::Fault::place);
  other.place.origin = "https://example.com";
  XION_ASSERT(webauthn::read(other, brought, checks).error() == webauthn::Fault::origin);
  other.challenge.back() = 'h';
  XION_ASSERT(webauthn::read(other, brought, checks).error() == webauthn::Fault::challenge);
  other.ceremony = is_new ? webauthn::Ceremony::get : webauthn::Ceremony::create;
  XION_ASSERT(webauthn::read(other, brought, checks).error() == webauthn::Fault::type);
}

/// As a signature, and as a key, of what was brought.
void as_signed(std::string_view text, const webauthn::Brought& brought) {
  const std::string content = webauthn::signed_content(brought, checks);
  XION_ASSERT(!checks.is_signed_by_passkey(standard_key, content, text));
  if (!checks.is_passkey(text)) XION_ASSERT(!checks.is_signed_by_passkey(text, content, text));
}

}  // namespace

/// An octet for the ceremony, two for the client data's length, that, and the authenticator data.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const webauthn::Asked asked{
      .ceremony = (input.octet() & 1U) != 0 ? webauthn::Ceremony::create : webauthn::Ceremony::get,
      .place = {.origin = "https://example.org", .rp_id = "example.org"},
      .challenge = std::string(challenge)};
  std::size_t length = input.octet();
  length = length * 256 + input.octet();
  webauthn::Brought brought;
  brought.client_data = input.take(length);
  brought.authenticator_data = input.rest();
  as_told(asked, brought);
  as_signed(brought.authenticator_data, brought);
  as_signed(brought.client_data, brought);
  return 0;
}
