#include "crypto/entropy.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "base/assert.h"

namespace xion {
namespace {

/// A gateway that can't draw random octets can't make codes: there is nothing to go on with.
void draw(std::span<std::uint8_t> out) { XION_ASSERT(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1); }

}  // namespace

OpenSslEntropy::~OpenSslEntropy() { OPENSSL_cleanse(drawn_.data(), drawn_.size()); }

void OpenSslEntropy::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    if (used_ == drawn_.size()) {
      draw(drawn_);
      used_ = 0;
    }
    const auto fresh = std::span(drawn_).subspan(used_, std::min(out.size(), drawn_.size() - used_));
    std::ranges::copy(fresh, out.begin());
    // Given out once: what is left in memory must not tell what was used.
    OPENSSL_cleanse(fresh.data(), fresh.size());
    used_ += fresh.size();
    out = out.subspan(fresh.size());
  }
}

}  // namespace xion
