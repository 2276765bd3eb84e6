#include "core/guard/traffic_counts.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/octets.h"
#include "core/record_formats.h"
#include "core/row_id.h"

namespace xion {
namespace {

using namespace std::chrono;

constexpr std::uint32_t slots_of_hour = 6;
constexpr std::uint32_t slots_of_day = 144;
constexpr std::uint32_t slots_kept = 2 * slots_of_day;  ///< Yesterday is whole in memory, all of today.
constexpr std::int32_t days_looked_back = 14;
/// A day with fewer verified requests changes no budget at the contract's shares (0.3 × 67 = 20).
constexpr std::uint32_t day_worth_keeping = 10;

std::uint32_t slot_of(WallTime at) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(at.time_since_epoch() / TrafficSlot::length, 0));
}
std::uint32_t first_slot_of(std::int32_t day) { return static_cast<std::uint32_t>(day) * slots_of_day; }

/// The finaliser of splitmix64: the same in every process, since names of subjects are kept on disk.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

/// How many requests the slots say were verified on a day.
std::uint32_t verified_of(std::int32_t day, const std::vector<TrafficSlot>& slots) {
  const std::uint32_t first = first_slot_of(day);
  std::int32_t verified = 0;
  for (const TrafficSlot& slot : slots)
    if (slot.number >= first && slot.number < first + slots_of_day) verified += slot.verified;
  return static_cast<std::uint32_t>(std::max(verified, 0));
}

}  // namespace

std::string to_day_row(const VerifiedOfDay& verified) {
  std::string row;
  OctetWriter out(row);
  out.u8(day_format.writes());
  for (const auto& [name, count] : verified) {
    out.raw(BigEndian(name).view());
    out.varint(count);
  }
  return row;
}

std::optional<VerifiedOfDay> verified_from_day_row(std::string_view row) {
  OctetReader in(row);
  if (!day_format.can_read(in.u8())) return std::nullopt;
  VerifiedOfDay verified;
  while (!in.at_end() && !in.failed()) {
    std::uint64_t name = 0;
    for (int i = 0; i < 8; ++i) name = name << 8 | in.u8();
    verified.emplace_back(name, static_cast<std::uint32_t>(in.varint()));
  }
  return in.failed() ? std::nullopt : std::optional(std::move(verified));
}

std::uint64_t TrafficCounts::name_of(const TrafficKey& key) {
  return mixed(key.subject ^
               mixed((std::uint64_t{key.app} << 8 | static_cast<std::uint8_t>(key.of)) + 0x9E3779B97F4A7C15));
}

TrafficCounts::Slots& TrafficCounts::slots(std::uint64_t name) {
  if (const auto known = young_.find(name); known != young_.end()) return known->second;
  if (young_.size() >= subjects_of_generation_) old_ = std::exchange(young_, {});
  Slots slots;
  if (const auto known = old_.find(name); known != old_.end()) {
    slots = std::move(known->second);
    old_.erase(known);
  } else if (ledger_ != nullptr) {
    read_ledger(name, slots);
  }
  return young_.emplace(name, std::move(slots)).first->second;
}

void TrafficCounts::read_ledger(std::uint64_t name, Slots& slots) {
  Slots parts;
  ledger_->read(name, parts);
  for (const TrafficSlot& part : parts) {
    TrafficSlot& sum = slot(slots, part.number, part.country);
    sum.unverified += part.unverified;
    sum.verified += part.verified;
  }
}

TrafficSlot& TrafficCounts::slot(Slots& slots, std::uint32_t number, std::uint16_t country) {
  // Nearly always the last one.
  auto place = slots.end();
  while (place != slots.begin() && std::prev(place)->number >= number) {
    --place;
    if (place->number == number && place->country == country) return *place;
  }
  while (place != slots.end() && place->number <= number) ++place;
  return *slots.insert(place, {number, country, 0, 0});
}

void TrafficCounts::count(const TrafficKey& key, WallTime at, std::int32_t unverified, std::int32_t verified) {
  const std::uint64_t name = name_of(key);
  Slots& all = slots(name);
  const std::uint32_t number = slot_of(at);
  const std::uint16_t country = is_of_end_user(key.of) ? key.country : std::uint16_t{0};
  if (!all.empty() && all.front().number + slots_kept < number)
    std::erase_if(all, [&](const TrafficSlot& slot) { return slot.number + slots_kept < number; });
  TrafficSlot& here = slot(all, number, country);
  // A send that is not counted any more can't be taken back.
  if (unverified < 0 && here.unverified <= 0) unverified = 0;
  here.unverified += unverified;
  here.verified += verified;
  if (ledger_ != nullptr && (unverified != 0 || verified != 0))
    ledger_->add(name, {number, country, unverified, verified});
  if (verified > 0) note_busy(static_cast<std::int32_t>(number / slots_of_day), name, all);
}

void TrafficCounts::note_busy(std::int32_t day, std::uint64_t name, const Slots& slots) {
  if ((closed_day_ && day <= *closed_day_) || (closing_ && day <= closing_->day)) return;
  auto& names = busy_[day];
  if (names.contains(name) || verified_of(day, slots) < day_worth_keeping) return;
  names.insert(name);
  if (ledger_ != nullptr) ledger_->note_busy(day, name);
}

void TrafficCounts::verified(const TrafficKey& key, WallTime at, const std::vector<WallTime>& sent_at) {
  for (const WallTime sent : sent_at) count(key, sent, -1, 0);
  count(key, at, 0, 1);
}

void TrafficCounts::restore(const Otp& otp) {
  if (otp.test) return;
  const auto proven = proven_at(otp);
  for (const TrafficKey& key : traffic_keys(otp)) {
    if (proven) {
      count(key, *proven, 0, 1);
    } else {
      for (const Message& message : otp.messages) sent(key, message.queued_at);
    }
  }
}

Traffic TrafficCounts::read(const TrafficKey& key, WallTime now) {
  Traffic traffic;
  const std::uint64_t name = name_of(key);
  const auto today = static_cast<std::int32_t>(floor<days>(now).time_since_epoch().count());
  if (const auto known = days_.find(name); known != days_.end()) {
    for (const DayCount& one : known->second) {
      if (one.day >= today - days_looked_back && one.day < today)
        traffic.best_verified_day = std::max<std::uint64_t>(traffic.best_verified_day, one.verified);
    }
  }
  const Slots& all = slots(name);
  const std::uint32_t current = slot_of(now);
  struct CountrySums {
    std::uint16_t country;
    std::int64_t unverified, verified;
  };
  std::vector<CountrySums> countries;
  for (const TrafficSlot& slot : all) {
    if (slot.number + slots_of_day < current) continue;
    const auto unverified = static_cast<std::uint64_t>(std::max(slot.unverified, 0));
    const auto verified = static_cast<std::uint64_t>(std::max(slot.verified, 0));
    traffic.unverified_day += unverified;
    traffic.verified_day += verified;
    if (slot.number + slots_of_hour >= current) {
      traffic.unverified_hour += unverified;
      traffic.verified_hour += verified;
    }
    if (!is_of_end_user(key.of)) continue;
    auto sums = std::ranges::find(countries, slot.country, &CountrySums::country);
    if (sums == countries.end()) sums = countries.insert(sums, {slot.country, 0, 0});
    sums->unverified += slot.unverified;
    sums->verified += slot.verified;
  }
  const auto here = std::ranges::find(countries, key.country, &CountrySums::country);
  if (here != countries.end() && here->verified > 0)
    return traffic;  // one more message goes to a country known to be meant
  traffic.other_countries = static_cast<std::uint32_t>(std::ranges::count_if(countries, [&](const CountrySums& sums) {
    return sums.country != key.country && sums.unverified > 0 && sums.verified == 0;
  }));
  return traffic;
}

void TrafficCounts::keep_day(std::uint64_t name, DayCount count) {
  auto& counts = days_[name];
  std::erase_if(counts,
                [&](const DayCount& one) { return one.day == count.day || one.day < count.day - days_looked_back; });
  counts.push_back(count);
}

void TrafficCounts::begin_closing(std::int32_t day) {
  closing_.emplace(Closing{day, {}, {}});
  // Who had no good day for a fortnight is forgotten.
  absl::erase_if(days_, [&](const auto& known) {
    return std::ranges::all_of(known.second, [&](const DayCount& one) { return one.day < day - days_looked_back; });
  });
  if (const auto busy = busy_.find(day); busy != busy_.end())
    closing_->left.assign(busy->second.begin(), busy->second.end());
  absl::erase_if(busy_, [&](const auto& known) { return known.first <= day; });
}

std::optional<TrafficCounts::ClosedDay> TrafficCounts::close_some(std::int32_t day, std::size_t subjects) {
  if (!closing_) begin_closing(day);
  auto& [of, left, kept] = *closing_;
  for (; subjects > 0 && !left.empty(); --subjects) {
    const std::uint64_t name = left.back();
    left.pop_back();
    const auto verified = verified_of(of, slots(name));
    if (verified < day_worth_keeping) continue;
    keep_day(name, {of, verified});
    kept.emplace_back(name, verified);
  }
  if (!left.empty()) return std::nullopt;
  closed_day_ = of;
  ClosedDay closed{of, kept.empty() ? std::string() : to_day_row(kept)};
  closing_.reset();
  return closed;
}

std::string TrafficCounts::close_day(std::int32_t day) {
  constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  auto closed = close_some(day, all);
  if (closed->day < day) closed = close_some(day, all);  // One that was being closed came first.
  return std::move(closed->row);
}

bool TrafficCounts::restore_day(std::int32_t day, std::string_view row) {
  const auto kept = verified_from_day_row(row);
  if (!kept) return false;
  for (const auto& [name, verified] : *kept) keep_day(name, {day, verified});
  return true;
}

void TrafficCounts::clear() {
  young_.clear();
  old_.clear();
  days_.clear();
  busy_.clear();
  closed_day_.reset();
  closing_.reset();
}

}  // namespace xion
