#include "store/search/search_merge.h"

#include <algorithm>

#include "store/otp_key.h"

namespace xion {
namespace {

constexpr std::size_t entry_octets = sizeof(std::uint32_t) + OtpId::size;
/// What one overflow page of LMDB holds, beside its header.
constexpr std::size_t entries_in_row = 4'080 / entry_octets;

}  // namespace

std::string run_prefix(std::uint32_t run, SearchKind kind) {
  std::string prefix(BigEndian<std::uint32_t>(run).view());
  prefix.push_back(static_cast<char>(kind));
  return prefix;
}

void append_entry(std::string& out, const SearchEntry& entry) {
  out += BigEndian(entry.hash).view();
  out += as_text(entry.id.octets);
}

SearchEntry entry_at(std::string_view row, std::size_t n) {
  const auto octets = row.substr(n * entry_octets, entry_octets);
  return {from_big_endian<std::uint32_t>(octets.substr(0, sizeof(std::uint32_t))),
          otp_id_of(octets.substr(sizeof(std::uint32_t)))};
}

std::size_t entries_in(std::string_view row) { return row.size() / entry_octets; }

void RunWriter::add(const SearchEntry& entry) {
  append_entry(row_, entry);
  if (entries_in(row_) == entries_in_row) finish();
}

void RunWriter::finish() {
  if (row_.empty()) return;
  kv_.put(Table::search_entries, prefix_ + row_.substr(0, entry_octets), row_);
  row_.clear();
}

RunMerge::RunMerge(Kv& kv, std::uint32_t output, std::vector<std::uint32_t> inputs)
    : kv_(kv), output_(output), inputs_(std::move(inputs)) {
  begin(SearchKind::phone);
}

void RunMerge::begin(SearchKind kind) {
  kind_ = kind;
  readers_.clear();
  order_.clear();
  for (const std::uint32_t input : inputs_) readers_.emplace_back(kv_, run_prefix(input, kind));
  for (std::size_t i = 0; i < readers_.size(); ++i)
    if (readers_[i].head()) order_.push_back(i);
  std::ranges::make_heap(order_,
                         [this](std::size_t a, std::size_t b) { return readers_[a].head() > readers_[b].head(); });
  writer_.emplace(kv_, output_, kind);
}

bool RunMerge::step(std::size_t entries) {
  const auto is_later = [this](std::size_t a, std::size_t b) { return readers_[a].head() > readers_[b].head(); };
  for (; entries > 0; --entries) {
    if (order_.empty()) {
      writer_->finish();
      if (kind_ == SearchKind::reference) return true;
      begin(SearchKind::reference);
      continue;
    }
    std::ranges::pop_heap(order_, is_later);
    RunReader& reader = readers_[order_.back()];
    writer_->add(*reader.head());
    reader.next();
    if (reader.head())
      std::ranges::push_heap(order_, is_later);
    else
      order_.pop_back();
  }
  return false;
}

}  // namespace xion
