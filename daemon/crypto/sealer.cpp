// The one place for SHA-256 below EVP, which has no way to go on from the middle of a message without a context anew.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sealer.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <new>

#include "base/assert.h"
#include "base/key_pages.h"
#include "crypto/in_key_pages.h"

namespace xion {
namespace {

constexpr std::size_t tag_octets = 16;

unsigned char* writable(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* readable(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

// --- KeyedHash ----------------------------------------------------------------------------------------------------

/// Source: RFC 2104 §2 and §4.
struct KeyedHash::States {
  SHA256_CTX inner, outer;  ///< Behind the padded key.
  SHA256_CTX at_work;
  std::array<std::uint8_t, SHA256_CBLOCK> padded;
};

void KeyedHash::Free::operator()(States* states) const { KeyPages::own().release(states); }

KeyedHash::KeyedHash(const SecretKey& key) {
  static_assert(SecretKey::size <= SHA256_CBLOCK);
  void* room = KeyPages::own().allocate(sizeof(States));
  XION_ASSERT(room != nullptr);
  states_.reset(new (room) States);
  bool is_well = true;
  const auto begin = [&](SHA256_CTX& state, std::uint8_t pad) {
    states_->padded.fill(pad);
    for (std::size_t i = 0; i < SecretKey::size; ++i) states_->padded[i] ^= key.octets()[i];
    is_well = is_well && SHA256_Init(&state) == 1 && SHA256_Update(&state, states_->padded.data(), SHA256_CBLOCK) == 1;
  };
  begin(states_->inner, 0x36);
  begin(states_->outer, 0x5C);
  OPENSSL_cleanse(states_->padded.data(), SHA256_CBLOCK);
  XION_ASSERT(is_well);
}

Digest KeyedHash::of(std::initializer_list<std::span<const std::uint8_t>> parts) {
  Digest digest;
  static_assert(sizeof digest == SHA256_DIGEST_LENGTH);
  SHA256_CTX& at_work = states_->at_work;
  at_work = states_->inner;
  bool is_well = true;
  for (const auto part : parts) is_well = is_well && SHA256_Update(&at_work, part.data(), part.size()) == 1;
  is_well = is_well && SHA256_Final(digest.data(), &at_work) == 1;
  at_work = states_->outer;
  is_well = is_well && SHA256_Update(&at_work, digest.data(), digest.size()) == 1;
  is_well = is_well && SHA256_Final(digest.data(), &at_work) == 1;
  XION_ASSERT(is_well);
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
