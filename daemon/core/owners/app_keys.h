#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json_writer.h"
#include "core/settings.h"

/// The keys of `[otp]`, `[limits]`, `[fraud]` and `[plans.NAME]`: a row each, which says what values there are. The
/// configuration's reader, `xionctl app set` and whatever shows settings are made from the rows.
namespace xion {

template <typename Owner>
struct WholeKind {
  std::variant<std::uint8_t Owner::*, std::uint32_t Owner::*, std::uint64_t Owner::*> member;
  std::int64_t least = 0;
  std::int64_t most = 0;
  /// Where 0 stands for "none": the least number that an app may say instead.
  std::optional<std::int64_t> least_unless_none{};
};
template <typename Owner>
struct SecondsKind {
  Seconds Owner::* member;
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::optional<std::int64_t> least_unless_none{};
};
template <typename Owner>
struct RealKind {
  double Owner::* member;
  double least = 0;
  double most = 0;
  std::optional<double> least_unless_none{};
};
template <typename Owner>
struct TruthKind {
  bool Owner::* member;
};
template <typename Owner, typename Value>
struct WordKind {
  Value Owner::* member;
  std::vector<std::pair<std::string_view, Value>> words;
};
/// "5/10m", or "none".
template <typename Owner>
struct RateKind {
  RateRule Owner::* member;
};
template <typename Owner>
struct RatesKind {
  std::vector<RateRule> Owner::* member;
};
/// "49" or "0.035"; 0, and "none" of an app, stand for none.
template <typename Owner>
struct MoneyKind {
  Micros Owner::* member;
};
/// Waits in seconds, one behind the other.
template <typename Owner>
struct WaitsKind {
  std::vector<Seconds> Owner::* member;
  std::int64_t most = 0;
};

template <typename Owner>
using SettingKind =
    std::variant<WholeKind<Owner>, SecondsKind<Owner>, RealKind<Owner>, TruthKind<Owner>, WordKind<Owner, bool>,
                 WordKind<Owner, GuardMode>, RateKind<Owner>, RatesKind<Owner>, WaitsKind<Owner>, MoneyKind<Owner>>;

template <typename Owner>
struct AppKey {
  std::string_view name;         ///< In its table of the file.
  std::string_view name_of_app;  ///< What `xionctl app set` calls it; empty: an app can't have its own.
  SettingKind<Owner> kind;
  std::string_view meaning;  ///< One sentence; a wrong value's hint.
};
template <typename Owner>
using AppKeys = std::vector<AppKey<Owner>>;

const AppKeys<OtpSettings>& otp_app_keys();
const AppKeys<LimitSettings>& limit_app_keys();
const AppKeys<GuardSettings>& guard_app_keys();
const AppKeys<Plan>& plan_app_keys();

/// What an override must look like: `30–3600`; `1–250, or none`.
template <typename Owner>
std::string expected_of(const SettingKind<Owner>& kind);
/// Reads an override. False, and nothing is changed, where it is not as expected.
template <typename Owner>
bool read_setting(const SettingKind<Owner>& kind, std::string_view text, Owner& owner);
/// As the file would say it.
template <typename Owner>
void write_setting(JsonWriter& json, const SettingKind<Owner>& kind, const Owner& owner);

/// What holds for an app, by the names of the overrides: a member for each key that it may have its own of.
void write_policy(JsonWriter& json, const AppPolicy& policy);

}  // namespace xion
