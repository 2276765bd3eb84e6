#include "lmdb/change_log.h"

#include <utility>

#include "base/octets.h"

namespace xion {

void ChangeLog::put(Table table, std::string_view key, std::string_view value) {
  OctetWriter out(open_);
  out.u8(1);
  out.u8(static_cast<std::uint8_t>(table));
  out.text(key);
  out.text(value);
}

void ChangeLog::erase(Table table, std::string_view key) {
  OctetWriter out(open_);
  out.u8(0);
  out.u8(static_cast<std::uint8_t>(table));
  out.text(key);
}

void ChangeLog::commit() {
  const std::lock_guard lock(mutex_);
  if (trouble_.empty()) committed_ += open_;
  open_.clear();
  if (committed_.size() <= limit_octets_) return;
  committed_ = {};
  trouble_ = "more was written meanwhile than is kept in memory for it";
}

void ChangeLog::break_off(std::string_view why) {
  open_.clear();
  const std::lock_guard lock(mutex_);
  committed_ = {};
  if (trouble_.empty()) trouble_ = why;
}

ChangeLog::Taken ChangeLog::take() {
  const std::lock_guard lock(mutex_);
  return {std::exchange(committed_, {}), trouble_};
}

}  // namespace xion
