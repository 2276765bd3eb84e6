#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/codes/subject_limits.h"
#include "app/services.h"
#include "core/guard/guard_replay.h"
#include "core/guard/pumping_guard.h"

namespace xion {

/// How one subject of an app stands with its budgets.
struct GuardRow {
  TrafficOf of = TrafficOf::country;
  std::string subject;  ///< "AM", "+3749917…", an address
  Traffic traffic;
};

/// What an app's guard looks at, and what it does now.
struct GuardState {
  std::vector<GuardRow> rows;
  GuardStage stage;
};

/// The countries of the app that have traffic; or, of a phone, its country and prefix; or an address. `done(…, false)`:
/// the store failed.
void guard_rows(Services& services, AppId app, GuardMode mode, std::optional<LimitSubject> subject,
                std::move_only_function<void(GuardState, bool)> done);

struct ReplayWish {
  AppId app = 0;
  GuardSettings settings;
  Seconds back{7 * 86'400};  ///< From when on sends are told of.
};
struct ReplayTold {
  ReplayResult result;
  WallTime from{}, to{};
  std::uint64_t requests_read = 0;
  bool is_cut = false;  ///< The log was longer than one replay reads; the newest part is missing.
};
/// Reads the log in slices, so that nobody waits behind it; as many requests at most as `replay_limit`.
inline constexpr std::uint64_t replay_limit = 2'000'000;
void replay_guard(Services& services, ReplayWish wish, std::move_only_function<void(std::optional<ReplayTold>)> done);

}  // namespace xion
