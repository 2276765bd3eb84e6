#include "store/histories.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace xion {
namespace {

constexpr std::chrono::hours history_length{24};
/// 7/8 of a power of two: what absl's table of that size holds before it doubles.
constexpr std::size_t slice_events = 114'688;
constexpr std::size_t slices_at_most = 18;
/// A slice takes events for so long, and so is dropped not much later than its oldest event.
constexpr std::chrono::hours slice_span{3};
/// So many events of one subject are kept in a slice; further ones take the place of any of them. No sane limit counts
/// so far, and without an end a subject without limits would make every note of it slower than the last.
constexpr std::uint32_t chain_at_most = 512;

std::uint32_t clock32(WallTime at) { return static_cast<std::uint32_t>(unix_millis(at)); }
/// The moment nearest to `now` that has this clock value.
WallTime moment(std::uint32_t clock, WallTime now) {
  return now + Millis{static_cast<std::int32_t>(clock - clock32(now))};
}

}  // namespace

/// Subjects are keyed hashes already, so their first octets are as good as random; the rest only spreads kinds and
/// apps.
std::uint64_t Histories::name_of(const HistoryKey& key) {
  std::uint64_t name = 0;
  std::memcpy(&name, key.subject.data(), sizeof name);
  const std::uint64_t whose = (static_cast<std::uint64_t>(key.kind) << 32) | key.app;
  return name ^ ((whose + 1) * 0x9E3779B97F4A7C15);
}

Histories::Place Histories::place(std::uint64_t name, std::uint32_t nth) {
  name += nth * 0xD1B54A32D192ED03;
  return {static_cast<std::uint32_t>(name >> 32), static_cast<std::uint32_t>(name)};
}

/// How many events a subject has in a slice: doubling steps find a free place, halving steps the first one.
std::uint32_t Histories::chain_length(const Slice& slice, std::uint64_t name) {
  const auto is_taken = [&](std::uint32_t nth) { return slice.events.contains(place(name, nth)); };
  if (!is_taken(0)) return 0;
  std::uint32_t taken = 0, step = 1;
  while (taken + step < chain_at_most && is_taken(taken + step)) taken += std::exchange(step, step * 2);
  for (; step > 0; step /= 2)
    if (taken + step < chain_at_most && is_taken(taken + step)) taken += step;
  return taken + 1;
}

void Histories::note(const HistoryKey& key, HistoryEntry entry, std::uint32_t identity, WallTime now) {
  if (entry.at < now - history_length) return;
  const std::uint64_t name = name_of(key);
  for (auto slice = slices_.rbegin(); slice != slices_.rend(); ++slice) {
    if (entry.at < slice->oldest || slice->newest < entry.at) continue;
    for (std::uint32_t nth = 0; nth < chain_at_most; ++nth) {
      const auto known = slice->events.find(place(name, nth));
      if (known == slice->events.end()) break;
      if (known->second.at == clock32(entry.at) && known->second.identity == identity) return;
    }
  }
  add(key, entry, identity, now);
}

void Histories::add(const HistoryKey& key, HistoryEntry entry, std::uint32_t identity, WallTime now) {
  if (entry.at < now - history_length) return;
  // When the log is read back it is the event's moment that says where a slice is full, not the moment of reading.
  const WallTime moment = std::min(now, entry.at);
  if (slices_.empty() || slices_.back().events.size() >= slice_events || slices_.back().opened + slice_span < moment) {
    if (slices_.size() == slices_at_most) slices_.pop_front();
    slices_.push_back({{}, moment, entry.at, entry.at});
  }
  auto& slice = slices_.back();
  slice.oldest = std::min(slice.oldest, entry.at);
  slice.newest = std::max(slice.newest, entry.at);
  const std::uint64_t name = name_of(key);
  const std::uint32_t length = chain_length(slice, name);
  const std::uint32_t nth = length < chain_at_most ? length : identity % chain_at_most;
  slice.events[place(name, nth)] = {clock32(entry.at), entry.tag, identity};
}

void Histories::collect(const HistoryKey& key, WallTime since, WallTime now, std::vector<HistoryEntry>& out) const {
  since = std::max<WallTime>(since, now - history_length);
  const std::uint64_t name = name_of(key);
  for (const Slice& slice : slices_) {
    if (slice.newest < since) continue;
    for (std::uint32_t nth = 0; nth < chain_at_most; ++nth) {
      const auto known = slice.events.find(place(name, nth));
      if (known == slice.events.end()) break;
      if (const WallTime at = moment(known->second.at, now); at >= since) out.push_back({at, known->second.tag});
    }
  }
}

void Histories::forget(WallTime now) {
  while (!slices_.empty() && slices_.front().newest < now - history_length) slices_.pop_front();
}

std::size_t Histories::size() const {
  std::size_t events = 0;
  for (const Slice& slice : slices_) events += slice.events.size();
  return events;
}

}  // namespace xion
