#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "store/kv.h"

namespace xion {

/// What a store holds, every row of it looked at.
struct Census {
  std::array<std::uint64_t, table_count> rows{};
  std::uint64_t unreadable = 0;
  std::string first_unreadable;  ///< "otps OTP-…"; empty: none.
  /// Keys, texts and entries of lists of an app that there is not: nothing that we write leaves any.
  std::uint64_t astray = 0;
  std::string first_astray;

  std::uint64_t total() const;
  std::uint64_t of(Table table) const { return rows[static_cast<std::size_t>(table)]; }
};

/// Reads every row as the daemon would. In a transaction that the caller began; `progress` is told how many rows were
/// read, now and then. Throws `StoreFailure`.
Census take_census(Kv& kv, const std::function<void(std::uint64_t rows)>& progress = {});

}  // namespace xion
