#pragma once
#include <cstddef>
#include <expected>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/phone.h"

namespace xion {

/// Remembers the phones that were read last: a send is followed by verifies and resends of the same number, and reading
/// one costs 19 µs. Loop thread only.
class PhoneCache {
 public:
  explicit PhoneCache(std::size_t limit = 4096) : limit_(limit) {}
  /// As `parse_phone`, of 64 characters at most: nobody's blanks fill the memory. Refusals are not remembered, so that
  /// rubbish drives nothing out.
  std::expected<Phone, PhoneError> parse(std::string_view text, std::string_view country = {});
  std::size_t size() const { return entries_.size(); }

 private:
  using Entry = std::pair<std::string, Phone>;  ///< What was asked, and what it means.
  std::size_t limit_;
  std::list<Entry> entries_;                                                      ///< Latest use first.
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_question_;  ///< Views into `entries_`.
  std::string question_;
};

}  // namespace xion
