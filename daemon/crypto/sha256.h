#pragma once
#include <openssl/types.h>

#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace xion {

/// SHA-256 of octets that come in pieces, without a key: tells damage, not forgery.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view octets);
  /// Of all that was added. Once.
  Digest digest();
  /// Of all that was added so far; more may follow.
  Digest so_far() const;

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const;
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace xion
