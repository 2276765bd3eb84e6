#include "app/codes/guard_state.h"

#include <memory>

#include "app/codes/send_rules.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr std::size_t requests_of_slice = 1'000;
/// Before the days that are told of: so long the best day is looked for.
constexpr std::chrono::days warm_up{15};

TrafficKey key_for(AppId app, TrafficOf of, std::string_view country, std::uint32_t block,
                   const std::optional<Fingerprint>& address) {
  Otp otp;
  otp.app = app;
  otp.country = country;
  otp.number_block = block;
  otp.user_ip = address;
  for (const TrafficKey& key : traffic_keys(otp)) {
    if (key.of == of) return key;
  }
  return {};
}

bool has_traffic(const Traffic& traffic) {
  return traffic.unverified_day + traffic.verified_day + traffic.best_verified_day > 0;
}

struct Replaying {
  ReplayWish wish;
  ReplayTold told;
  GuardReplay replay;
  OtpId after{};
  std::move_only_function<void(std::optional<ReplayTold>)> done;
};

void read_slice(Services& services, std::shared_ptr<Replaying> job) {
  run_task(
      services.store,
      [job](Txn& txn) {
        // May run again in a new transaction: only `done` below changes the job.
        return txn.made_between(job->after, job->told.to, requests_of_slice);
      },
      [&services, job](Commit commit, std::vector<Otp>& slice) mutable {
        if (commit == Commit::failed) return job->done(std::nullopt);
        for (const Otp& otp : slice) {
          if (otp.app == job->wish.app) job->replay.feed(otp);
        }
        job->told.requests_read += slice.size();
        const bool is_end = slice.size() < requests_of_slice;
        job->told.is_cut = !is_end && job->told.requests_read >= replay_limit;
        if (is_end || job->told.is_cut) {
          job->told.result = job->replay.finish();
          return job->done(std::move(job->told));
        }
        job->after = slice.back().id;
        read_slice(services, std::move(job));
      });
}

}  // namespace

void guard_rows(Services& services, AppId app, GuardMode mode, std::optional<LimitSubject> subject,
                std::move_only_function<void(GuardState, bool)> done) {
  run_task(
      services.store,
      [app, mode, subject, now = services.loop.wall_now(), &vault = services.store_vault](Txn& txn) {
        GuardState state;
        state.stage = guard_stage(mode, txn.first_verified(app), now);
        const auto look = [&](TrafficOf of, std::string name, const TrafficKey& key, bool is_always_told) {
          const Traffic traffic = txn.traffic(key, now);
          if (is_always_told || has_traffic(traffic)) state.rows.push_back({of, std::move(name), traffic});
        };
        if (subject && subject->is_phone) {
          const std::uint32_t block = number_block(subject->text, vault);
          look(TrafficOf::country, subject->country, key_for(app, TrafficOf::country, subject->country, 0, {}), true);
          look(TrafficOf::prefix, subject->text.substr(0, subject->text.size() - 4) + "…",
               key_for(app, TrafficOf::prefix, subject->country, block, {}), true);
        } else if (subject && subject->is_user) {
          Otp of_user;
          of_user.app = app;
          of_user.user_id = subject->text;
          const TrafficKeys keys = traffic_keys(of_user);
          look(TrafficOf::user_id, subject->masked, keys[keys.size() - 1], true);
        } else if (subject) {
          look(TrafficOf::user_ip, subject->masked,
               key_for(app, TrafficOf::user_ip, "", 0, vault.address_fingerprint(subject->text)), true);
        } else {
          for (char first = 'A'; first <= 'Z'; ++first) {
            for (char second = 'A'; second <= 'Z'; ++second) {
              const std::string country{first, second};
              look(TrafficOf::country, country, key_for(app, TrafficOf::country, country, 0, {}), false);
            }
          }
          look(TrafficOf::country, "", key_for(app, TrafficOf::country, "", 0, {}), false);
        }
        return state;
      },
      [done = std::move(done)](Commit commit, GuardState& state) mutable {
        done(std::move(state), commit == Commit::durable);
      });
}

void replay_guard(Services& services, ReplayWish wish, std::move_only_function<void(std::optional<ReplayTold>)> done) {
  ReplayTold told;
  told.to = services.loop.wall_now();
  told.from = told.to - wish.back;
  const OtpId first = first_otp_id_at(told.from - warm_up);
  GuardReplay replay(wish.settings, told.from);
  read_slice(services, std::make_shared<Replaying>(
                           Replaying{std::move(wish), std::move(told), std::move(replay), first, std::move(done)}));
}

}  // namespace xion
