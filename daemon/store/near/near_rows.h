#pragma once
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include <absl/container/btree_set.h>

#include "store/near/near_row.h"

namespace xion {

/// The rows of one table that are near, in the order of their keys. A row stays where it is until it is replaced.
class NearRows {
 public:
  NearRow* find(std::string_view key) const {
    const auto at = rows_.find(Sought(key));
    return at == rows_.end() ? nullptr : at->row.get();
  }
  /// There is none of its key.
  NearRow* insert(NearRow::Owner row);
  /// Puts a row in the place of the one that has its key.
  NearRow::Owner replace(NearRow::Owner row);
  /// The one or the other.
  void put(NearRow::Owner row);
  void erase(std::string_view key);
  /// Drops so many, from the first key on.
  void erase_first(std::size_t count);
  void clear();

  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  std::size_t memory_octets() const { return memory_octets_; }
  /// How many more rows the table has with these than it has below.
  std::int64_t surplus() const { return surplus_; }
  /// Drops those that `is` is true of.
  template <typename Is>
  void erase_if(Is is) {
    for (auto at = rows_.begin(); at != rows_.end();) {
      const bool goes = is(*at->row);
      if (goes) forget(*at->row);
      at = goes ? rows_.erase(at) : std::next(at);
    }
  }
  /// Changes each in turn, and keeps count of it.
  template <typename Change>
  void change_each(Change change_one) {
    for (const Place& place : rows_) change(*place.row, change_one);
  }
  /// Changes a row, and keeps count of it.
  template <typename Change>
  void change(NearRow& row, Change change_it) {
    forget(row);
    change_it(row);
    count(row);
  }

 private:
  /// The first octets of a key, beside it: nearly every comparison ends there.
  static std::uint64_t first_octets(std::string_view key);
  struct Sought {
    explicit Sought(std::string_view sought) : first(first_octets(sought)), key(sought) {}
    std::uint64_t first;
    std::string_view key;
  };
  struct Place {
    explicit Place(NearRow::Owner owner) : first(first_octets(owner->key())), row(std::move(owner)) {}
    std::uint64_t first;
    mutable NearRow::Owner row;  ///< The key never changes.
  };
  struct InOrder {
    using is_transparent = void;
    static std::string_view key_of(const Place& place) { return place.row->key(); }
    static std::string_view key_of(const Sought& sought) { return sought.key; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return a.first != b.first ? a.first < b.first : key_of(a) < key_of(b);
    }
  };
  using Rows = absl::btree_set<Place, InOrder>;

  void count(const NearRow& row);
  void forget(const NearRow& row);

  Rows rows_;
  std::size_t memory_octets_ = 0;
  std::int64_t surplus_ = 0;

 public:
  /// Steps through the rows in one direction. Nothing may change meanwhile.
  class Cursor {
   public:
    /// Upwards, from the first key that is not before `from`.
    static Cursor up(const NearRows& rows, std::string_view from) {
      return {rows, rows.rows_.lower_bound(Sought(from)), true};
    }
    /// Downwards, from the last key before `before`, or from the last one where that is empty.
    static Cursor down(const NearRows& rows, std::string_view before) {
      return {rows, before.empty() ? rows.rows_.end() : rows.rows_.lower_bound(Sought(before)), false};
    }
    /// Null at the end.
    const NearRow* row() const { return row_; }
    void next() {
      if (is_up_) ++at_;
      look();
    }

   private:
    Cursor(const NearRows& rows, Rows::const_iterator at, bool is_up) : rows_(&rows), at_(at), is_up_(is_up) { look(); }
    void look() {
      row_ = nullptr;
      if (at_ == (is_up_ ? rows_->rows_.end() : rows_->rows_.begin())) return;
      row_ = is_up_ ? at_->row.get() : (--at_)->row.get();
    }

    const NearRows* rows_;
    Rows::const_iterator at_;
    bool is_up_;
    const NearRow* row_ = nullptr;
  };
};

}  // namespace xion
