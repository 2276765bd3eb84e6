#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/settings.h"
#include "ports/signature_check.h"

/// What a browser says of a passkey, and whether that holds. All of it is pure.
/// Source: WebAuthn Level 2 §5.8.1 (client data), §6.1 (authenticator data), §7.1 and §7.2 (what is checked).
namespace xion::webauthn {

/// Where passkeys belong.
struct Place {
  std::string origin;  ///< As browsers write it: scheme, host and a port that is not the scheme's own.
  std::string rp_id;   ///< The host alone.
};
/// Nothing where browsers make none: without `[dashboard] url`, without https (but on localhost), for an IP address.
std::optional<Place> place_of(const Settings& settings);

enum class Ceremony : std::uint8_t { create, get };

/// Why a passkey is not taken.
enum class Fault : std::uint8_t {
  malformed,
  type,        ///< Said for another ceremony.
  challenge,   ///< Not of this try.
  origin,      ///< Of another page, or within another site's.
  place,       ///< The authenticator was asked for another host.
  absent,      ///< Nobody touched it.
  unverified,  ///< It did not ask who touches it.
  key,         ///< A public key of another kind, or none.
  signature,
};
std::string_view to_string(Fault fault);

struct Asked {
  Ceremony ceremony = Ceremony::get;
  Place place;
  std::string challenge;  ///< In base64url, as it went to the browser.
};

/// What a browser brings, as octets.
struct Brought {
  std::string client_data, authenticator_data;
};

/// What an authenticator says that holds.
struct Said {
  std::uint32_t sign_count = 0;
  std::string credential;  ///< Its id, where it was made now; else empty.
};
std::expected<Said, Fault> read(const Asked& asked, const Brought& brought, const SignatureCheck& checks);

/// What a passkey signs.
std::string signed_content(const Brought& brought, const SignatureCheck& checks);

}  // namespace xion::webauthn
