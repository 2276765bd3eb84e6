#include "crypto/sealer.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/assert.h"
#include "crypto/in_key_pages.h"

namespace xion {
namespace {

constexpr std::size_t tag_octets = 16;

unsigned char* writable(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* readable(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

// --- KeyedHash ----------------------------------------------------------------------------------------------------

void KeyedHash::Free::operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }

KeyedHash::KeyedHash(const SecretKey& key) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr),
                                                               EVP_MAC_free);
  XION_ASSERT(hmac != nullptr);
  const InKeyPages in_key_pages;
  context_.reset(EVP_MAC_CTX_new(hmac.get()));
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  XION_ASSERT(EVP_MAC_init(context_.get(), key.octets().data(), SecretKey::size, parameters) == 1);
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

Sealer::Sealer(const SecretKey& key) {
  const std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> gcm(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr),
                                                                    EVP_CIPHER_free);
  XION_ASSERT(gcm != nullptr);
  const InKeyPages in_key_pages;
  sealing_.reset(EVP_CIPHER_CTX_new());
  opening_.reset(EVP_CIPHER_CTX_new());
  const std::uint8_t* octets = key.octets().data();
  XION_ASSERT(EVP_EncryptInit_ex2(sealing_.get(), gcm.get(), octets, nullptr, nullptr) == 1);
  XION_ASSERT(EVP_DecryptInit_ex2(opening_.get(), gcm.get(), octets, nullptr, nullptr) == 1);
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

}  // namespace xion
