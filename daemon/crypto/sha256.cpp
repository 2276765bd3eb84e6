#include "crypto/sha256.h"

#include <openssl/evp.h>

#include "base/assert.h"

namespace xion {

void Sha256::Free::operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  XION_ASSERT(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256::add(std::string_view octets) {
  XION_ASSERT(EVP_DigestUpdate(context_.get(), octets.data(), octets.size()) == 1);
}

Digest Sha256::digest() {
  Digest digest{};
  XION_ASSERT(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  return digest;
}

Digest Sha256::so_far() const {
  Sha256 copy;
  XION_ASSERT(EVP_MD_CTX_copy_ex(copy.context_.get(), context_.get()) == 1);
  return copy.digest();
}

}  // namespace xion
