#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "store/kv.h"

namespace xion {

/// Reads a run again that was written as rows of entries in their order, those under one prefix. Holds nothing of a
/// transaction: each row is copied when its turn comes.
template <Table table, typename Entry, Entry (*entry_at)(std::string_view row, std::size_t n),
          std::size_t (*entries_in)(std::string_view row)>
class RunRowsReader {
 public:
  RunRowsReader(Kv& kv, std::string prefix) : kv_(kv), prefix_(std::move(prefix)), next_key_(prefix_) { read_row(); }

  /// Nothing: that was all.
  const std::optional<Entry>& head() const { return head_; }
  void next() {
    if (++at_ < entries_in(row_))
      head_ = entry_at(row_, at_);
    else
      read_row();
  }

 private:
  void read_row() {
    row_.clear();
    kv_.scan(table, next_key_, [&](std::string_view key, std::string_view row) {
      if (!key.starts_with(prefix_)) return false;
      row_ = row;
      next_key_.assign(key).push_back('\0');
      return false;
    });
    at_ = 0;
    head_ = entries_in(row_) > 0 ? std::optional(entry_at(row_, 0)) : std::nullopt;
  }

  Kv& kv_;
  std::string prefix_;
  std::string next_key_;
  std::string row_;
  std::size_t at_ = 0;
  std::optional<Entry> head_;
};

}  // namespace xion
