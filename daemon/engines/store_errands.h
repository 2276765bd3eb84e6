#pragma once
#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "core/settings.h"
#include "crypto/master_key.h"
#include "engines/store_copy.h"

/// What is done with a store while no xiond works on it: by hand, once.
namespace xion {

/// What an errand has done so far; told after each page.
struct ErrandProgress {
  store_copy::Part part = store_copy::Part::things;
  std::size_t records = 0;  ///< Gone through.
  std::size_t changed = 0;  ///< Put or erased.
};
using ShowProgress = std::function<void(const ErrandProgress&)>;

/// What a copy came to.
struct StoreCopied {
  std::size_t requests = 0;
  std::size_t others = 0;  ///< Things, and rows that come with time.
  std::uint64_t sums = 0;
  std::size_t changed = 0;  ///< Of all of them, in this run.
  store_copy::LeftOut left_out{};
};

/// Copies the data file of a directory into the database of `settings`, and compares every record. A database that has
/// been used takes nothing: what it has and the file has not would go. The error is one sentence with what helps.
std::expected<StoreCopied, std::string> import_store(const Settings& settings, const MasterKey& master,
                                                     const std::string& from_directory, const ShowProgress& show);
/// The other way round, into a directory without a data file.
std::expected<StoreCopied, std::string> export_store(const Settings& settings, const MasterKey& master,
                                                     const std::string& to_directory, const ShowProgress& show);
/// Ends every pending request as expired: after a store was put back to a moment in the past its codes might be used a
/// second time. How many.
std::expected<std::size_t, std::string> forget_live(const Settings& settings, const MasterKey& master);

}  // namespace xion
