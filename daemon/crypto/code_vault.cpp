#include "crypto/code_vault.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <ranges>

#include "base/assert.h"
#include "core/otp/code.h"

namespace xion {
namespace {

Fingerprint cut(const Digest& digest) {
  Fingerprint fingerprint;
  std::copy_n(digest.begin(), fingerprint.size(), fingerprint.begin());
  return fingerprint;
}

/// Ids are never used twice and each seals one text, so the nonce is never used twice under a generation's key.
Sealer::Nonce nonce_of(const OtpId& id) {
  Sealer::Nonce nonce{};
  std::ranges::copy(id.octets, nonce.begin());
  return nonce;
}

}  // namespace

OpenSslVault::OpenSslVault(const MasterKey& master)
    : master_(master),
      ring_(ring_of(master)),
      phones_(ring_.phones),
      addresses_(ring_.addresses),
      api_keys_(ring_.api_keys),
      bodies_(ring_.bodies) {
  make_contexts();
}

void OpenSslVault::adopt(const KeyRing& ring, const SecretKey& master) {
  XION_ASSERT(!ring.generations.empty());
  master_ = master;
  ring_ = ring;
  phones_ = KeyedHash(ring_.phones);
  addresses_ = KeyedHash(ring_.addresses);
  api_keys_ = KeyedHash(ring_.api_keys);
  bodies_ = KeyedHash(ring_.bodies);
  make_contexts();
}

void OpenSslVault::make_contexts() {
  generations_.clear();
  for (const KeyGeneration& keys : ring_.generations | std::views::reverse) generations_.emplace_back(keys);
}

OpenSslVault::Generation& OpenSslVault::generation_of(const OtpId& id) {
  for (Generation& generation : generations_) {
    if (&generation == &generations_.back() || made_at(id) >= generation.from) return generation;
  }
  return generations_.back();
}

Fingerprint OpenSslVault::phone_fingerprint(std::string_view e164) { return cut(phones_.of({as_octets(e164)})); }
Fingerprint OpenSslVault::address_fingerprint(std::string_view ip) { return cut(addresses_.of({as_octets(ip)})); }

std::string OpenSslVault::seal(const OtpId& id, std::string_view text) {
  return generations_.front().sealer.seal(nonce_of(id), text);
}

std::optional<Secret> OpenSslVault::open(const OtpId& id, std::string_view sealed) {
  for (Generation& generation : generations_) {
    if (auto opened = generation.sealer.open(nonce_of(id), sealed)) return opened;
  }
  return std::nullopt;
}

std::optional<std::string> OpenSslVault::resealed(const OtpId& id, std::string_view sealed) {
  if (generations_.front().sealer.open(nonce_of(id), sealed)) return std::nullopt;
  const auto opened = open(id, sealed);
  return opened ? std::optional(seal(id, opened->reveal())) : std::nullopt;
}

Secret OpenSslVault::derive_code(std::span<const std::uint8_t, 16> salt, const OtpId& id, std::uint8_t generation,
                                 std::uint8_t length) {
  KeyedHash& codes = generation_of(id).codes;
  const auto block = [&](std::uint32_t counter) {
    const std::uint8_t tail[] = {generation, static_cast<std::uint8_t>(counter >> 24),
                                 static_cast<std::uint8_t>(counter >> 16), static_cast<std::uint8_t>(counter >> 8),
                                 static_cast<std::uint8_t>(counter)};
    return codes.of({salt, id.octets, tail});
  };
  return code_from(block, length);
}

Digest OpenSslVault::code_hash(std::span<const std::uint8_t, 16> salt, const OtpId& id, const Secret& code) {
  return generation_of(id).code_hashes.of({salt, id.octets, as_octets(code.reveal())});
}

Digest OpenSslVault::api_key_hash(std::string_view key) { return api_keys_.of({as_octets(key)}); }
Digest OpenSslVault::body_hash(std::string_view text) { return bodies_.of({as_octets(text)}); }

Digest OpenSslVault::sign(const Secret& key, std::string_view content) {
  Digest digest;
  unsigned length = 0;
  const unsigned char* made = HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()),
                                   as_octets(content).data(), content.size(), digest.data(), &length);
  XION_ASSERT(made != nullptr && length == digest.size());
  return digest;
}

}  // namespace xion
