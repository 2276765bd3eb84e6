#include "crypto/vault.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include <algorithm>

#include "base/assert.h"
#include "core/code.h"

namespace xion {
namespace {

constexpr std::size_t tag_octets = 16;

/// A key that is wiped when what needed it has been made.
class BriefKey {
 public:
  BriefKey(const MasterKey& master, std::string_view label) : key_(subkey(master, label)) {}
  BriefKey(const BriefKey&) = delete;
  BriefKey& operator=(const BriefKey&) = delete;
  ~BriefKey() { OPENSSL_cleanse(key_.data(), key_.size()); }
  operator const Subkey&() const { return key_; }

 private:
  Subkey key_;
};

Fingerprint cut(const Digest& digest) {
  Fingerprint fingerprint;
  std::copy_n(digest.begin(), fingerprint.size(), fingerprint.begin());
  return fingerprint;
}

/// Ids are never used twice and each seals one number, so the nonce is never used twice under this key.
Sealer::Nonce nonce_of(const OtpId& id) {
  Sealer::Nonce nonce{};
  std::ranges::copy(id.octets, nonce.begin());
  return nonce;
}

unsigned char* writable(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* readable(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

// --- KeyedHash ----------------------------------------------------------------------------------------------------

void KeyedHash::Free::operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }

KeyedHash::KeyedHash(const Subkey& key) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr),
                                                               EVP_MAC_free);
  XION_ASSERT(hmac != nullptr);
  context_.reset(EVP_MAC_CTX_new(hmac.get()));
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  XION_ASSERT(EVP_MAC_init(context_.get(), key.data(), key.size(), parameters) == 1);
}

Digest KeyedHash::of(std::initializer_list<std::span<const std::uint8_t>> parts) {
  Digest digest;
  std::size_t length = 0;
  bool is_well = EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1;
  for (const auto part : parts) is_well = is_well && EVP_MAC_update(context_.get(), part.data(), part.size()) == 1;
  is_well = is_well && EVP_MAC_final(context_.get(), digest.data(), &length, digest.size()) == 1;
  XION_ASSERT(is_well && length == digest.size());
  return digest;
}

// --- Sealer -------------------------------------------------------------------------------------------------------

void Sealer::Free::operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }

Sealer::Sealer(const Subkey& key) : sealing_(EVP_CIPHER_CTX_new()), opening_(EVP_CIPHER_CTX_new()) {
  const std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> gcm(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr),
                                                                    EVP_CIPHER_free);
  XION_ASSERT(gcm != nullptr);
  XION_ASSERT(EVP_EncryptInit_ex2(sealing_.get(), gcm.get(), key.data(), nullptr, nullptr) == 1);
  XION_ASSERT(EVP_DecryptInit_ex2(opening_.get(), gcm.get(), key.data(), nullptr, nullptr) == 1);
}

std::string Sealer::seal(const Nonce& nonce, std::string_view plain) {
  std::string sealed(plain.size() + tag_octets, '\0');
  int written = 0, rest = 0;
  auto* context = sealing_.get();
  bool is_well = EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1;
  is_well = is_well && EVP_EncryptUpdate(context, writable(sealed), &written, readable(plain),
                                         static_cast<int>(plain.size())) == 1;
  is_well = is_well && EVP_EncryptFinal_ex(context, writable(sealed) + written, &rest) == 1;
  is_well =
      is_well && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_octets, writable(sealed) + plain.size()) == 1;
  XION_ASSERT(is_well && static_cast<std::size_t>(written + rest) == plain.size());
  return sealed;
}

std::optional<Secret> Sealer::open(const Nonce& nonce, std::string_view sealed) {
  if (sealed.size() < tag_octets) return std::nullopt;
  const auto body = sealed.substr(0, sealed.size() - tag_octets);
  std::string tag(sealed.substr(body.size()));
  std::string plain(body.size(), '\0');
  int written = 0, rest = 0;
  auto* context = opening_.get();
  bool is_well = EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1;
  is_well = is_well &&
            EVP_DecryptUpdate(context, writable(plain), &written, readable(body), static_cast<int>(body.size())) == 1;
  is_well = is_well && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_octets, tag.data()) == 1;
  is_well = is_well && EVP_DecryptFinal_ex(context, writable(plain) + written, &rest) == 1;
  Secret opened(std::move(plain));
  if (!is_well) return std::nullopt;
  return opened;
}

// --- OpenSslVault -------------------------------------------------------------------------------------------------

// The labels are part of the data format: changing one loses what was made under it.
OpenSslVault::OpenSslVault(const MasterKey& master)
    : phones_(BriefKey(master, "xionid v1 phone fingerprint")),
      addresses_(BriefKey(master, "xionid v1 address fingerprint")),
      codes_(BriefKey(master, "xionid v1 code derivation")),
      code_hashes_(BriefKey(master, "xionid v1 code hash")),
      api_keys_(BriefKey(master, "xionid v1 api key hash")),
      bodies_(BriefKey(master, "xionid v1 body hash")),
      phone_sealer_(BriefKey(master, "xionid v1 phone sealing")),
      check_value_(subkey(master, "xionid v1 check value")) {}

Fingerprint OpenSslVault::phone_fingerprint(std::string_view e164) { return cut(phones_.of({as_octets(e164)})); }
Fingerprint OpenSslVault::address_fingerprint(std::string_view ip) { return cut(addresses_.of({as_octets(ip)})); }

std::string OpenSslVault::seal_phone(const OtpId& id, std::string_view e164) {
  return phone_sealer_.seal(nonce_of(id), e164);
}
std::optional<Secret> OpenSslVault::open_phone(const OtpId& id, std::string_view sealed) {
  return phone_sealer_.open(nonce_of(id), sealed);
}

Secret OpenSslVault::derive_code(std::span<const std::uint8_t, 16> salt, const OtpId& id, std::uint8_t generation,
                                 std::uint8_t length) {
  const auto block = [&](std::uint32_t counter) {
    const std::uint8_t tail[] = {generation, static_cast<std::uint8_t>(counter >> 24),
                                 static_cast<std::uint8_t>(counter >> 16), static_cast<std::uint8_t>(counter >> 8),
                                 static_cast<std::uint8_t>(counter)};
    return codes_.of({salt, id.octets, tail});
  };
  return code_from(block, length);
}

Digest OpenSslVault::code_hash(std::span<const std::uint8_t, 16> salt, const OtpId& id, const Secret& code) {
  return code_hashes_.of({salt, id.octets, as_octets(code.reveal())});
}

Digest OpenSslVault::api_key_hash(std::string_view key) { return api_keys_.of({as_octets(key)}); }
Digest OpenSslVault::body_hash(std::string_view text) { return bodies_.of({as_octets(text)}); }

Digest OpenSslVault::sign(const Secret& key, std::string_view content) {
  Digest digest;
  unsigned length = 0;
  const unsigned char* made = HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()),
                                   readable(content), content.size(), digest.data(), &length);
  XION_ASSERT(made != nullptr && length == digest.size());
  return digest;
}

Digest OpenSslVault::check_value() { return check_value_; }

}  // namespace xion
