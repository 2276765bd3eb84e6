#include "ports/records.h"

#include <fmt/format.h>

#include "base/log.h"

namespace xion {

void Records::record_is_unreadable(std::string_view table, std::string_view name) {
  ++unreadable_;
  if (!trouble_.empty()) return;
  trouble_ = fmt::format("a record of {} is corrupt or of a newer format: {}", table, name);
  log::error("store.record.unreadable", "table={} name={}", table, name);
}

}  // namespace xion
