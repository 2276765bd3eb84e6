#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/otp_key.h"
#include "store/search/search_class.h"

namespace xion {

/// Some requests that are beside each other in the log, and the class of each. On disk: the ids, the classes that there
/// are, and for each id the number of its class.
struct SearchBlock {
  std::vector<OtpId> ids;  ///< Oldest first.
  std::vector<SearchClass> classes;
};
std::string to_row(const SearchBlock& block);
std::optional<SearchBlock> search_block_from_row(std::string_view row);

/// A row as it lies there, for who wants a few of its requests: nothing is copied.
class SearchBlockView {
 public:
  /// Nothing where the row is corrupt or of a newer format.
  static std::optional<SearchBlockView> of(std::string_view row);
  std::size_t size() const { return numbers_.size(); }
  OtpId id(std::size_t i) const { return otp_id_of(ids_.substr(i * OtpId::size, OtpId::size)); }
  SearchClass class_of(std::size_t i) const { return kinds_[static_cast<std::uint8_t>(numbers_[i])]; }

 private:
  std::string_view ids_, numbers_;
  std::array<SearchClass, 256> kinds_;  ///< Those that there are.
};

}  // namespace xion
