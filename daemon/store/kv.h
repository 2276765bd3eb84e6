#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

#include <absl/functional/function_ref.h>

#include "ports/engine.h"
#include "store/tables.h"

namespace xion {

/// Sees one row, whose octets are valid during the call; false ends the scan. Must not write.
using Visit = absl::FunctionRef<bool(std::string_view key, std::string_view value)>;

/// Ordered octets with one transaction at a time: all that an engine has to bring. Every call may throw `StoreFailure`;
/// what `get` returns is valid until the next write or the end of the transaction.
class Kv {
 public:
  virtual ~Kv() = default;

  virtual void begin() = 0;
  /// A transaction in which every write throws `ReadOnly`; it needs no room on the disk, and ends by `abort`.
  virtual void begin_reading() = 0;
  /// Durable when it returns. A throw ends the transaction too, and what it wrote may or may not be there.
  virtual void commit() = 0;
  /// Does nothing where no transaction is open.
  virtual void abort() noexcept = 0;
  /// Whether this transaction wrote anything: one that did not needs no commit.
  virtual bool has_written() const = 0;
  /// Makes room after `MapFull`; no transaction is open. Throws where it can't.
  virtual void grow() = 0;

  virtual std::optional<std::string_view> get(Table table, std::string_view key) = 0;
  virtual void put(Table table, std::string_view key, std::string_view value) = 0;
  /// False where the key is taken.
  virtual bool insert(Table table, std::string_view key, std::string_view value) = 0;
  virtual bool erase(Table table, std::string_view key) = 0;
  /// From the first key that is not before `from`, upwards.
  virtual void scan(Table table, std::string_view from, Visit visit) = 0;
  /// From the last key before `before`, downwards; from the very last one where `before` is empty.
  virtual void scan_back(Table table, std::string_view before, Visit visit) = 0;
  virtual std::size_t count(Table table) = 0;
};

}  // namespace xion
