#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "store/search/search_class.h"
#include "store/search/search_entry.h"

namespace xion {

/// The newest requests, in memory, in the order of their ids: a column for each thing that is looked for, since to look
/// through a column of a hundred thousand costs some ten microseconds.
class SearchTail {
 public:
  struct Row {
    OtpId id;
    SearchClass of = 0;
    std::array<std::uint32_t, search_kinds> hashes{};  ///< 0: it has none.
    std::vector<std::uint32_t> names{};                ///< Of `search_names`, each once.
  };

  std::size_t size() const { return ids_.size(); }
  void clear();
  void insert(const Row& row);
  /// A request's class and names as they are now. False where it is not here.
  bool set(const Row& row);
  void collect(SearchKind kind, std::uint32_t hash, std::optional<OtpId> before, NewestIds& found) const;
  void collect_named(std::uint32_t hash, std::optional<OtpId> before, NewestIds& found) const;
  void collect(const ClassFilter& filter, std::optional<OtpId> before, NewestIds& found) const;
  /// Takes the oldest away.
  std::vector<Row> take(std::size_t count);

 private:
  void add_names(const Row& row);
  std::size_t end_before(std::optional<OtpId> before) const;
  template <typename Column, typename Is>
  void add_where(const Column& column, Is is, std::optional<OtpId> before, NewestIds& found) const;

  std::vector<OtpId> ids_;
  std::vector<SearchClass> classes_;
  std::array<std::vector<std::uint32_t>, search_kinds> hashes_;
  std::deque<SearchEntry> names_;  ///< In the order of their ids. Most requests have none, some have many.
};

}  // namespace xion
