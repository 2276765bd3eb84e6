#include "store/runs/run_merge.h"

#include <algorithm>
#include <utility>

#include "base/octets.h"
#include "store/otp_key.h"

namespace xion {
namespace {

constexpr std::uint8_t index_run_format = 1;

}  // namespace

std::string IndexRun::row() const {
  std::string row;
  OctetWriter out(row);
  out.u8(index_run_format);
  out.u8(level);
  out.varint(entries);
  out.varint(static_cast<std::uint64_t>(unix_millis(newest)));
  out.varint(static_cast<std::uint64_t>(unix_millis(over_at)));
  return row;
}

std::optional<IndexRun> IndexRun::of_row(std::uint32_t number, std::string_view row) {
  OctetReader in(row);
  if (in.u8() != index_run_format) return std::nullopt;
  IndexRun run;
  run.number = number;
  run.level = in.u8();
  run.entries = in.varint();
  run.newest = wall_time(static_cast<std::int64_t>(in.varint()));
  run.over_at = wall_time(static_cast<std::int64_t>(in.varint()));
  if (in.failed() || !in.at_end()) return std::nullopt;
  return run;
}

std::string index_run_key(std::uint32_t run, const RunEntry& first) {
  std::string key(BigEndian<std::uint32_t>(run).view());
  append_run_entry(key, first);
  return key;
}

void IndexRunWriter::add(const RunEntry& entry) {
  if (group_entries_ == 0) {
    group_first_ = entry.name;
    group_.assign(RunFilter::group_octets, '\0');
  }
  RunFilter::set(group_, entry.name);
  append_run_entry(row_, entry);
  ++group_entries_;
  ++run_.entries;
  run_.newest = std::max(run_.newest, entry.at());
  run_.over_at = std::max(run_.over_at, entry.over_at());
  if (run_entries_in(row_) == run_entries_in_row) write_row();
  if (group_entries_ == RunFilter::entries_in_group) write_group();
}

void IndexRunWriter::write_row() {
  if (row_.empty()) return;
  kv_.put(Table::index_entries, index_run_key(run_.number, run_entry_at(row_, 0)), row_);
  row_.clear();
}

void IndexRunWriter::write_group() {
  if (group_entries_ == 0) return;
  std::string row(BigEndian<std::uint64_t>(group_first_).view());
  row += group_;
  kv_.put(Table::index_filters, RunFilter::key(run_.number, groups_++), row);
  const bool has_room = run_.filter.octets() + group_.size() <= filter_room_;
  run_.filter.add_group(group_first_, has_room ? std::string_view(group_) : std::string_view());
  group_entries_ = 0;
}

IndexRun IndexRunWriter::finish() {
  write_row();
  write_group();
  kv_.put(Table::index_runs, BigEndian(run_.number).view(), run_.row());
  return std::move(run_);
}

IndexRunMerge::IndexRunMerge(Kv& kv, IndexRunWriter writer, std::vector<std::uint32_t> inputs)
    : inputs_(std::move(inputs)), writer_(std::move(writer)) {
  for (const std::uint32_t input : inputs_) readers_.emplace_back(kv, std::string(BigEndian(input).view()));
  for (std::size_t i = 0; i < readers_.size(); ++i)
    if (readers_[i].head()) order_.push_back(i);
  std::ranges::make_heap(order_,
                         [this](std::size_t a, std::size_t b) { return *readers_[a].head() > *readers_[b].head(); });
}

bool IndexRunMerge::step(std::size_t entries, WallTime now) {
  const auto is_later = [this](std::size_t a, std::size_t b) { return *readers_[a].head() > *readers_[b].head(); };
  for (; entries > 0 && !order_.empty(); --entries) {
    std::ranges::pop_heap(order_, is_later);
    IndexRunReader& reader = readers_[order_.back()];
    take(*reader.head(), now);
    reader.next();
    if (reader.head())
      std::ranges::push_heap(order_, is_later);
    else
      order_.pop_back();
  }
  return order_.empty();
}

void IndexRunMerge::take(const RunEntry& entry, WallTime now) {
  if (entry.over_at() < now) return;
  if (last_) {
    if (entry.adds_to(*last_)) {
      last_->value = sum_of(last_->value, entry.value);
      return;
    }
    if (entry == *last_) return;
    // What came to nothing says nothing.
    if (last_->kind() != RunKind::traffic || last_->value != 0) writer_.add(*last_);
  }
  last_ = entry;
}

IndexRun IndexRunMerge::finish() {
  if (last_) writer_.add(*last_);
  return writer_.finish();
}

}  // namespace xion
