#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <absl/functional/function_ref.h>

#include "base/time.h"
#include "core/month.h"
#include "core/otp/otp_stats.h"

/// Which sums a request is counted in, and how it moves from one to another when it changes.
namespace xion {

inline Day day_of(WallTime at) {
  return static_cast<Day>(std::chrono::floor<std::chrono::days>(at).time_since_epoch().count());
}
/// Hours since 1970-01-01 00:00 UTC.
using Hour = std::int32_t;
inline Hour hour_of(WallTime at) {
  return static_cast<Hour>(std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count());
}

/// Whose sums: of an app in one day, or in one hour, UTC.
struct SumsPlace {
  enum class Period : std::uint8_t { day, hour };
  Period period = Period::day;
  AppId app = 0;
  std::int32_t when = 0;  ///< Day or Hour.
};

namespace otp_sums {

/// What a request added and what it adds; null: nothing.
struct Change {
  const OtpId& id;
  const OtpShare* out = nullptr;
  const OtpShare* in = nullptr;
  bool moves_carriers = false;                    ///< What it adds to carriers is another than before.
  bool moves_errors = false;                      ///< The same of errors by country.
  bool is_by_country = false;                     ///< It counts for its carriers' and errors' countries.
  std::array<std::int32_t, stat_count> counts{};  ///< What it adds more than it did.
};

inline Change change_of(const OtpId& id, const OtpShare& before, const OtpShare& after) {
  Change change{id, before.is_counted ? &before : nullptr, after.is_counted ? &after : nullptr};
  for (const auto& [share, sign] : {std::pair(change.out, -1), std::pair(change.in, 1)}) {
    if (share == nullptr) continue;
    for (std::size_t i = 0; i < stat_count; ++i) change.counts[i] += sign * share->counts[i];
  }
  const bool moves_country = before.country != after.country;
  change.moves_carriers = moves_country || before.carriers != after.carriers;
  change.moves_errors = moves_country || before.errors != after.errors;
  return change;
}

inline void add_latencies(StatSums& sums, const OtpShare& share, int sign) {
  for (const std::uint8_t latency : share.latencies) sums.latencies[latency] += sign;
}

inline void add(StatSums& sums, const OtpId& id, const OtpShare& share, int sign) {
  for (std::size_t i = 0; i < stat_count; ++i) sums.counts[i] += sign * share.counts[i];
  add_latencies(sums, share, sign);
  sums.latest = std::max(sums.latest, id);
}

/// Both at once, to a row that has what was added and takes what is added now.
inline void add(StatSums& sums, const Change& change) {
  for (std::size_t i = 0; i < stat_count; ++i) sums.counts[i] += change.counts[i];
  if (change.out != nullptr) add_latencies(sums, *change.out, -1);
  if (change.in != nullptr) add_latencies(sums, *change.in, 1);
  if (change.out != nullptr || change.in != nullptr) sums.latest = std::max(sums.latest, change.id);
}

inline void add(StatSums& sums, const CarrierShare& share, int sign) {
  const auto at = [](Stat stat) { return static_cast<std::size_t>(stat); };
  sums.counts[at(Stat::sent)] += sign;
  if (share.outcome != Stat::sent) sums.counts[at(share.outcome)] += sign;
  if (share.latency) sums.latencies[*share.latency] += sign;
  sums.counts[at(Stat::segments)] += sign * static_cast<std::int64_t>(share.segments);
}

/// Most changes stay within a row, which is then looked for once.
template <typename Rows>
void change_named(Rows& rows, const SumsPlace& place, StatKind kind, const std::string OtpShare::* name,
                  const Change& change) {
  if (change.out != nullptr && change.in != nullptr && change.out->*name == change.in->*name)
    return add(rows.sums(place, kind, change.in->*name), change);
  if (change.out != nullptr) add(rows.sums(place, kind, change.out->*name), change.id, *change.out, -1);
  if (change.in != nullptr) add(rows.sums(place, kind, change.in->*name), change.id, *change.in, 1);
}

/// A message's part in the sums of its carrier: what it was and what it is; null: nothing. Most stay with theirs.
template <typename Rows>
void change_carrier(Rows& rows, const SumsPlace& place, StatKind kind, std::string_view name, const CarrierShare* out,
                    const CarrierShare* in) {
  StatSums& sums = rows.sums(place, kind, name);
  if (out != nullptr) add(sums, *out, -1);
  if (in != nullptr) add(sums, *in, 1);
}

/// A code that is verified changes nothing here, and so writes none of these rows.
template <typename Rows>
void change_carriers(Rows& rows, const SumsPlace& place, const Change& change) {
  const auto change_one = [&](const OtpShare& share, const CarrierShare* out, const CarrierShare* in) {
    const std::string& carrier = (out != nullptr ? out : in)->carrier;
    change_carrier(rows, place, StatKind::carrier, carrier, out, in);
    if (!change.is_by_country) return;
    change_carrier(rows, place, StatKind::carrier_country, carrier_country_name(carrier, share.country), out, in);
  };
  const bool stays = change.out != nullptr && change.in != nullptr && change.out->country == change.in->country;
  const auto part_of = [](const OtpShare* share, std::size_t i) {
    return share != nullptr && i < share->carriers.size() ? &share->carriers[i] : nullptr;
  };
  const std::size_t count = std::max(change.out != nullptr ? change.out->carriers.size() : 0,
                                     change.in != nullptr ? change.in->carriers.size() : 0);
  for (std::size_t i = 0; i < count; ++i) {
    const CarrierShare *const out = part_of(change.out, i), *const in = part_of(change.in, i);
    if (stays && out != nullptr && in != nullptr && out->carrier == in->carrier) {
      if (*out != *in) change_one(*change.in, out, in);
      continue;
    }
    if (out != nullptr) change_one(*change.out, out, nullptr);
    if (in != nullptr) change_one(*change.in, nullptr, in);
  }
}

template <typename Rows>
void change_country_errors(Rows& rows, const SumsPlace& place, const Change& change) {
  for (const auto& [share, sign] : {std::pair(change.out, -1), std::pair(change.in, 1)}) {
    if (share == nullptr) continue;
    for (const std::string& error : share->errors) {
      StatSums& sums = rows.sums(place, StatKind::country_error, country_error_name(share->country, error));
      sums.counts[static_cast<std::size_t>(Stat::undelivered)] += sign;
    }
  }
}

template <typename Rows>
void change_place(Rows& rows, const SumsPlace& place, const Change& change) {
  add(rows.sums(place, StatKind::all, {}), change);
  change_named(rows, place, StatKind::country, &OtpShare::country, change);
  change_named(rows, place, StatKind::route, &OtpShare::route, change);
  for (const auto& [share, sign] : {std::pair(change.out, -1), std::pair(change.in, 1)}) {
    if (share == nullptr) continue;
    const auto count_one = [&](StatKind kind, std::string_view name, Stat stat) {
      rows.sums(place, kind, name).counts[static_cast<std::size_t>(stat)] += sign;
    };
    for (const std::string& error : share->errors) count_one(StatKind::error, error, Stat::undelivered);
    for (const std::string& refusal : share->refusals) count_one(StatKind::blocked, refusal, Stat::blocked);
  }
  if (change.moves_carriers) change_carriers(rows, place, change);
  if (change.moves_errors && change.is_by_country) change_country_errors(rows, place, change);
}

/// What a message costs counts for its own day and month, whatever day its request is of.
template <typename Rows>
void change_charges(Rows& rows, AppId app, const OtpShare& share, int sign) {
  for (const ChargeShare& charge : share.charges) {
    const auto change = [&](Day when, StatKind kind, std::string_view name) {
      StatSums& sums = rows.sums({SumsPlace::Period::day, app, when}, kind, name);
      for (std::size_t i = 0; i < charge.counts.size(); ++i) sums.counts[i] += sign * charge.counts[i];
    };
    change(charge.day, StatKind::spend, share.currency);
    change(CounterPeriod(charge.month).key(), StatKind::spend, share.currency);
    change(CounterPeriod(charge.month).key(), StatKind::destination, destination_name(share.currency, share.country));
  }
}

/// Takes what a request added out of the sums of the day and the hour in which it was made, and puts in what it adds.
/// `Rows` has `StatSums& sums(place, kind, name)` and `bool has_sums(place)`. `is_by_country` is asked whether the
/// request counts for its carriers' and errors' countries: one that was made when nobody kept that adds nothing to it
/// later.
template <typename Rows>
void replace(Rows& rows, AppId app, const OtpId& id, const OtpShare& before, const OtpShare& after,
             absl::FunctionRef<bool()> is_by_country) {
  if (before == after) return;
  if (before.charges != after.charges) {
    change_charges(rows, app, before, -1);
    change_charges(rows, app, after, 1);
  }
  Change change = change_of(id, before, after);
  change.is_by_country = (change.moves_carriers || change.moves_errors) && is_by_country();
  change_place(rows, {SumsPlace::Period::day, app, day_of(made_at(id))}, change);
  const SumsPlace hour{SumsPlace::Period::hour, app, hour_of(made_at(id))};
  // An hour that has gone, or that no request made in it has begun, is not begun by what came of one.
  if (change.out == nullptr || rows.has_sums(hour)) change_place(rows, hour, change);
}

}  // namespace otp_sums
}  // namespace xion
