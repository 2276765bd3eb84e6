#pragma once
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "store/tables.h"

namespace xion {

/// What transactions changed, in order, for who follows on another thread. Taking changes twice does no harm as long as
/// they are taken in order: each says what a row is from then on, or that it is none.
class ChangeLog {
 public:
  /// What waits for who follows; above it following is given up. Octets.
  explicit ChangeLog(std::size_t limit_octets) : limit_octets_(limit_octets) {}

  // Of the thread that changes.
  void put(Table table, std::string_view key, std::string_view value);
  void erase(Table table, std::string_view key);
  void commit();
  void abort() { open_.clear(); }
  /// Nobody knows any more what is in the file.
  void break_off(std::string_view why);

  // Of who follows.
  struct Taken {
    std::string changes;  ///< Each: 1, table, key, value where a row was put; 0, table, key where it was erased.
    std::string trouble;  ///< Why following has to be given up; empty: it goes on.
  };
  /// All that was committed since the last time.
  Taken take();

 private:
  const std::size_t limit_octets_;
  std::string open_;  ///< Of the transaction that is open.
  std::mutex mutex_;
  std::string committed_;
  std::string trouble_;
};

}  // namespace xion
