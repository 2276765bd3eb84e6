#include "core/guard/traffic_row.h"

#include <algorithm>

#include "base/octets.h"
#include "core/otp/otp_sums.h"

namespace xion {
namespace {

constexpr std::uint8_t traffic_row_format = 1;
constexpr Day days_kept = 15;

Day day_of_slot(const TrafficSlot& slot) { return day_of(slot.begin()); }

}  // namespace

TrafficRow::TrafficRow(std::string_view octets) {
  OctetReader in(octets);
  if (in.u8() != traffic_row_format) return;
  for (auto left = in.varint(); left > 0 && !in.failed(); --left) {
    TrafficSlot& slot = slots_.emplace_back();
    slot.number = static_cast<std::uint32_t>(in.varint());
    slot.country = static_cast<std::uint16_t>(in.varint());
    slot.unverified = static_cast<std::int32_t>(in.signed_varint());
    slot.verified = static_cast<std::int32_t>(in.signed_varint());
  }
  for (auto left = in.varint(); left > 0 && !in.failed(); --left) {
    const auto day = static_cast<std::int32_t>(in.varint());
    days_[day] = static_cast<std::uint32_t>(in.varint());
  }
  if (in.failed()) *this = {};
}

std::string TrafficRow::octets() const {
  std::string octets;
  OctetWriter out(octets);
  out.u8(traffic_row_format);
  out.varint(slots_.size());
  for (const TrafficSlot& slot : slots_) {
    out.varint(slot.number);
    out.varint(slot.country);
    out.signed_varint(slot.unverified);
    out.signed_varint(slot.verified);
  }
  out.varint(days_.size());
  for (const auto& [day, verified] : days_) {
    out.varint(static_cast<std::uint64_t>(day));
    out.varint(verified);
  }
  return octets;
}

std::map<std::int32_t, std::uint32_t> TrafficRow::verified_by_day(std::int32_t before) const {
  auto days = days_;
  for (const TrafficSlot& slot : slots_)
    if (day_of_slot(slot) < before && slot.verified > 0)
      days[day_of_slot(slot)] += static_cast<std::uint32_t>(slot.verified);
  return days;
}

void TrafficRow::pass_to(WallTime now) {
  const Day yesterday = day_of(now) - 1;
  days_ = verified_by_day(yesterday);
  std::erase_if(slots_, [&](const TrafficSlot& slot) { return day_of_slot(slot) < yesterday; });
  std::erase_if(days_, [&](const auto& day) { return day.first < yesterday - days_kept; });
}

void TrafficRow::restore_days(TrafficCounts& counts, const TrafficKey& key, WallTime now) const {
  for (const auto& [day, verified] : verified_by_day(day_of(now))) {
    (void)counts.restore_day(day, to_day_row({{TrafficCounts::name_of(key), verified}}));
  }
}

void TrafficRow::add(const TrafficRow& other) {
  for (const TrafficSlot& slot : other.slots_) add(0, slot);
  for (const auto& [day, verified] : other.days_) days_[day] += verified;
}

void TrafficRow::read(std::uint64_t, std::vector<TrafficSlot>& slots) { slots = slots_; }

void TrafficRow::add(std::uint64_t, const TrafficSlot& more) {
  const auto at = std::ranges::find_if(
      slots_, [&](const TrafficSlot& slot) { return slot.number == more.number && slot.country == more.country; });
  TrafficSlot& slot = at != slots_.end() ? *at : slots_.emplace_back(TrafficSlot{more.number, more.country});
  slot.unverified += more.unverified;
  slot.verified += more.verified;
}

}  // namespace xion
