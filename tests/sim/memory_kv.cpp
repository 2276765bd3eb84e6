#include "sim/memory_kv.h"

#include <utility>

#include "base/assert.h"

namespace xion::sim {

std::string MemoryKv::octets() const {
  std::string all;
  for (const Rows& table : tables_)
    for (const auto& [key, value] : table) (all += key) += value;
  return all;
}

void MemoryKv::reopen() {
  abort();
  if (reopen_fails && reopen_fails()) throw StoreFailure("opening: the disk was told to fail");
}

void MemoryKv::grow() {
  if (grow_fails && grow_fails()) throw StoreFailure("growing the memory map: the disk was told to fail");
  ++growths_;
}

void MemoryKv::begin() {
  XION_ASSERT(!is_open_);
  is_open_ = true;
}

void MemoryKv::begin_reading() {
  begin();
  is_only_reading_ = true;
}

void MemoryKv::commit() {
  XION_ASSERT(is_open_);
  if (commit_fails && commit_fails()) {
    abort();
    throw StoreFailure("committing: the disk was told to fail");
  }
  undo_.clear();
  is_open_ = false;
  ++commits_;
}

void MemoryKv::abort() noexcept {
  for (; !undo_.empty(); undo_.pop_back()) {
    Before& before = undo_.back();
    if (before.value)
      rows(before.table)[before.key] = std::move(*before.value);
    else
      rows(before.table).erase(before.key);
  }
  is_open_ = is_only_reading_ = false;
  reads_left_ = 0;
}

MemoryKv::Rows& MemoryKv::rows(Table table) { return tables_[static_cast<std::size_t>(table)]; }

void MemoryKv::remember(Table table, std::string_view key) {
  XION_ASSERT(is_open_);
  if (is_only_reading_) throw ReadOnly();
  if (is_full && is_full()) throw MapFull();
  const auto at = rows(table).find(key);
  undo_.push_back({table, std::string(key), at == rows(table).end() ? std::nullopt : std::optional(at->second)});
}

void MemoryKv::count_read() {
  XION_ASSERT(is_open_);
  if (reads_left_ > 0 && !is_only_reading_ && --reads_left_ == 0) throw MapFull();
}

std::optional<std::string_view> MemoryKv::get(Table table, std::string_view key) {
  count_read();
  const auto at = rows(table).find(key);
  if (at == rows(table).end()) return std::nullopt;
  return at->second;
}

void MemoryKv::put(Table table, std::string_view key, std::string_view value) {
  remember(table, key);
  rows(table).insert_or_assign(std::string(key), std::string(value));
}

bool MemoryKv::insert(Table table, std::string_view key, std::string_view value) {
  if (rows(table).contains(key)) return false;
  put(table, key, value);
  return true;
}

bool MemoryKv::erase(Table table, std::string_view key) {
  const auto at = rows(table).find(key);
  if (at == rows(table).end()) return false;
  remember(table, key);
  rows(table).erase(at);
  return true;
}

void MemoryKv::scan(Table table, std::string_view from, Visit visit) {
  count_read();
  if (forgotten == table) return;
  for (auto at = rows(table).lower_bound(from); at != rows(table).end(); ++at)
    if (!visit(at->first, at->second)) return;
}

void MemoryKv::scan_back(Table table, std::string_view before, Visit visit) {
  count_read();
  auto at = before.empty() ? rows(table).end() : rows(table).lower_bound(before);
  while (at != rows(table).begin()) {
    --at;
    if (!visit(at->first, at->second)) return;
  }
}

std::size_t MemoryKv::count(Table table) {
  count_read();
  return rows(table).size();
}

}  // namespace xion::sim
