#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/phone.h"

namespace xion {

/// Remembers the phones that were read last: a send is followed by verifies and resends of the same number, and reading
/// one costs 19 µs. Each has two places that it may be in, of which the one that was used last stays: so one look at
/// memory finds it or its place, and nothing is allocated. Loop thread only.
class PhoneCache {
 public:
  explicit PhoneCache(std::size_t limit = 4096) : pairs_(std::max<std::size_t>(limit / 2, 1)) {}
  /// As `parse_phone`, of 64 characters at most: nobody's blanks fill the memory. Refusals are not remembered, so that
  /// rubbish drives nothing out.
  std::expected<Phone, PhoneError> parse(std::string_view text, std::string_view country = {});
  std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::string question;  ///< What was asked; empty: nothing yet.
    Phone phone;           ///< What it means.
  };
  struct Pair {
    std::array<Entry, 2> entries;
    std::size_t latest = 0;
  };
  std::vector<Pair> pairs_;
  std::size_t size_ = 0;
  std::string question_;
};

}  // namespace xion
