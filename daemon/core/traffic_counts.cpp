#include "core/traffic_counts.h"

#include <algorithm>
#include <utility>

#include "base/octets.h"
#include "core/record_formats.h"

namespace xion {
namespace {

using namespace std::chrono;

constexpr minutes slot_length{10};
constexpr std::uint32_t slots_of_hour = 6;
constexpr std::uint32_t slots_of_day = 144;
constexpr std::uint32_t slots_kept = 2 * slots_of_day;   ///< Yesterday is whole in memory, all of today.
constexpr std::size_t subjects_of_generation = 229'376;  ///< 7/8 of a power of two: absl's table is full then.
constexpr std::int32_t days_looked_back = 14;
/// A day with fewer verified requests changes no budget at the contract's shares (0.3 × 67 = 20).
constexpr std::uint32_t day_worth_keeping = 10;

std::uint32_t slot_of(WallTime at) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(at.time_since_epoch() / slot_length, 0));
}
std::uint32_t first_slot_of(std::int32_t day) { return static_cast<std::uint32_t>(day) * slots_of_day; }

/// The finaliser of splitmix64: the same in every process, since names of subjects are kept on disk.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

std::uint16_t country_number(std::string_view country) {
  if (country.size() != 2) return 0;
  return static_cast<std::uint16_t>(static_cast<unsigned char>(country[0]) << 8 |
                                    static_cast<unsigned char>(country[1]));
}

}  // namespace

TrafficKeys traffic_keys(const Otp& otp) {
  TrafficKeys keys;
  const std::uint16_t country = country_number(otp.country);
  keys.push_back({otp.app, TrafficOf::country, country, country});
  if (otp.number_block != 0)
    keys.push_back({otp.app, TrafficOf::prefix, std::uint64_t{country} << 32 | otp.number_block, country});
  if (otp.user_ip) {
    std::uint64_t address = 0;
    for (std::size_t i = 0; i < 8; ++i) address = address << 8 | (*otp.user_ip)[i];
    keys.push_back({otp.app, TrafficOf::user_ip, address, country});
  }
  return keys;
}

std::optional<WallTime> proven_at(const Otp& otp) {
  if (otp.converted_at) return otp.converted_at;
  if (otp.status != OtpStatus::verified) return std::nullopt;
  return otp.ended_at.value_or(otp.created_at);
}

std::uint64_t TrafficCounts::name_of(const TrafficKey& key) {
  return mixed(key.subject ^
               mixed((std::uint64_t{key.app} << 8 | static_cast<std::uint8_t>(key.of)) + 0x9E3779B97F4A7C15));
}

TrafficCounts::Slots& TrafficCounts::slots(std::uint64_t name) {
  if (const auto known = young_.find(name); known != young_.end()) return known->second;
  if (young_.size() >= subjects_of_generation) old_ = std::exchange(young_, {});
  Slots slots;
  if (const auto known = old_.find(name); known != old_.end()) {
    slots = std::move(known->second);
    old_.erase(known);
  }
  return young_.emplace(name, std::move(slots)).first->second;
}

const TrafficCounts::Slots* TrafficCounts::find(std::uint64_t name) const {
  if (const auto known = young_.find(name); known != young_.end()) return &known->second;
  const auto known = old_.find(name);
  return known == old_.end() ? nullptr : &known->second;
}

TrafficCounts::Slot& TrafficCounts::entry(const TrafficKey& key, WallTime at) {
  Slots& all = slots(name_of(key));
  const std::uint32_t number = slot_of(at);
  const std::uint16_t country = key.of == TrafficOf::user_ip ? key.country : std::uint16_t{0};
  if (!all.empty() && all.front().number + slots_kept < number)
    std::erase_if(all, [&](const Slot& slot) { return slot.number + slots_kept < number; });
  // Nearly always the last one.
  auto place = all.end();
  while (place != all.begin() && std::prev(place)->number >= number) {
    --place;
    if (place->number == number && place->country == country) return *place;
  }
  while (place != all.end() && place->number <= number) ++place;
  return *all.insert(place, {number, country, 0, 0});
}

void TrafficCounts::verified(const TrafficKey& key, WallTime at, const std::vector<WallTime>& sent_at) {
  for (const WallTime sent : sent_at) {
    Slot& slot = entry(key, sent);
    if (slot.unverified > 0) --slot.unverified;
  }
  ++entry(key, at).verified;
}

void TrafficCounts::restore(const Otp& otp) {
  if (otp.test) return;
  const auto proven = proven_at(otp);
  for (const TrafficKey& key : traffic_keys(otp)) {
    if (proven) {
      ++entry(key, *proven).verified;
    } else {
      for (const Message& message : otp.messages) sent(key, message.queued_at);
    }
  }
}

Traffic TrafficCounts::read(const TrafficKey& key, WallTime now) const {
  Traffic traffic;
  const std::uint64_t name = name_of(key);
  const auto today = static_cast<std::int32_t>(floor<days>(now).time_since_epoch().count());
  if (const auto known = days_.find(name); known != days_.end()) {
    for (const DayCount& one : known->second) {
      if (one.day >= today - days_looked_back && one.day < today)
        traffic.best_verified_day = std::max<std::uint64_t>(traffic.best_verified_day, one.verified);
    }
  }
  const Slots* all = find(name);
  if (all == nullptr) return traffic;
  const std::uint32_t current = slot_of(now);
  struct CountrySums {
    std::uint16_t country;
    std::uint64_t unverified, verified;
  };
  std::vector<CountrySums> countries;
  for (const Slot& slot : *all) {
    if (slot.number + slots_of_day < current) continue;
    traffic.unverified_day += slot.unverified;
    traffic.verified_day += slot.verified;
    if (slot.number + slots_of_hour >= current) {
      traffic.unverified_hour += slot.unverified;
      traffic.verified_hour += slot.verified;
    }
    if (key.of != TrafficOf::user_ip) continue;
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

std::string TrafficCounts::close_day(std::int32_t day) {
  closed_day_ = day;
  // Who had no good day for a fortnight is forgotten.
  absl::erase_if(days_, [&](const auto& known) {
    return std::ranges::all_of(known.second, [&](const DayCount& one) { return one.day < day - days_looked_back; });
  });
  std::string row;
  OctetWriter out(row);
  const std::uint32_t first = first_slot_of(day);
  for (const auto* generation : {&young_, &old_}) {
    for (const auto& [name, all] : *generation) {
      std::uint32_t verified = 0;
      for (const Slot& slot : all) {
        if (slot.number >= first && slot.number < first + slots_of_day) verified += slot.verified;
      }
      if (verified < day_worth_keeping) continue;
      keep_day(name, {day, verified});
      if (row.empty()) out.u8(day_format.writes());
      for (int shift = 56; shift >= 0; shift -= 8) out.u8(static_cast<std::uint8_t>(name >> shift));
      out.varint(verified);
    }
  }
  return row;
}

bool TrafficCounts::restore_day(std::int32_t day, std::string_view row) {
  OctetReader in(row);
  if (!day_format.can_read(in.u8())) return false;
  while (!in.at_end() && !in.failed()) {
    std::uint64_t name = 0;
    for (int i = 0; i < 8; ++i) name = name << 8 | in.u8();
    const auto verified = static_cast<std::uint32_t>(in.varint());
    if (!in.failed()) keep_day(name, {day, verified});
  }
  return !in.failed();
}

void TrafficCounts::clear() {
  young_.clear();
  old_.clear();
  days_.clear();
  closed_day_.reset();
}

}  // namespace xion
