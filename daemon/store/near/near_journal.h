#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <absl/functional/function_ref.h>

#include "store/kv.h"

namespace xion {

/// Gathers what a transaction changed and hands it on as rows of the journal, each of which reads by itself.
class JournalWriter {
 public:
  /// Takes a row that is full.
  using Take = std::function<void(std::string_view row)>;

  explicit JournalWriter(Take take) : take_(std::move(take)) {}
  /// Without a value: the row was erased.
  void add(Table table, std::string_view key, std::optional<std::string_view> value);
  void finish();

 private:
  Take take_;
  std::string row_;
  std::string change_;
};

/// Sees one change; no value: the row was erased.
using SeeChange = absl::FunctionRef<void(Table table, std::string_view key, std::optional<std::string_view> value)>;
/// Tells what is in a row of the journal, in the order in which it was written. False: it is corrupt, or of a newer
/// format, and what came before the fault was told.
bool read_journal_row(std::string_view row, SeeChange see);

}  // namespace xion
