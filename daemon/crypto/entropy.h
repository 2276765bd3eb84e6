#pragma once
#include <array>
#include <cstddef>

#include "ports/loop.h"

namespace xion {

/// OpenSSL's generator, drawn 4 KiB at a time: a call for a few octets costs more than the octets. Not thread-safe: one
/// for each thread.
class OpenSslEntropy final : public Entropy {
 public:
  OpenSslEntropy() = default;
  OpenSslEntropy(const OpenSslEntropy&) = delete;
  OpenSslEntropy& operator=(const OpenSslEntropy&) = delete;
  ~OpenSslEntropy() override;
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::array<std::uint8_t, 4096> drawn_{};
  std::size_t used_ = drawn_.size();
};

}  // namespace xion
