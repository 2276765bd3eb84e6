#include "app/codes/subject_limits.h"

#include <algorithm>

#include "app/codes/end_users.h"
#include "app/codes/phone_lock.h"
#include "app/codes/send_rules.h"
#include "app/codes/send_waits.h"
#include "app/owners/directory.h"
#include "app/owners/network.h"
#include "core/guard/guess_budget.h"
#include "core/limits/limits.h"
#include "core/otp/otp_rules.h"
#include "core/owners/list_entry.h"
#include "core/phone.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// What a look at one app needs, taken on the loop thread.
struct LookedAt {
  AppId id = 0;
  std::string name;
  LimitSettings limits;
  std::vector<LimitKeyRule> keys;
};

std::vector<LookedAt> apps_looked_at(const Services& services, std::optional<AppId> app) {
  std::vector<LookedAt> apps;
  for (const auto& entry : services.directory.apps()) {
    if (!app || entry->app.id == *app)
      apps.push_back({entry->app.id, entry->app.name, entry->policy.limits, entry->policy.limit_keys});
  }
  return apps;
}

class LimitReader {
 public:
  LimitReader(Txn& txn, const LookedAt& app, const Fingerprint& subject, WallTime now, LimitState& state)
      : txn_(txn), app_(app), subject_(subject), now_(now), state_(state) {
    for (const HistoryEntry& reset : txn.history({HistoryKind::resets, app.id, subject}, now - std::chrono::days{1}))
      reset_at_ = std::max(reset_at_, reset.at + Millis{1});
  }

  void look(std::string_view policy, HistoryKind kind, const RateRule& rule) {
    if (rule.count == 0) return;
    std::vector<WallTime> times;
    for (const HistoryEntry& entry : txn_.history({kind, app_.id, subject_}, std::max(now_ - rule.window, reset_at_)))
      times.push_back(entry.at);
    tell(policy, rule, times);
  }

  /// Of all apps together.
  void look_overall(std::string_view policy, HistoryKind kind, const RateRule& rule) {
    std::vector<WallTime> times;
    for (const HistoryEntry& entry :
         txn_.history({kind, Txn::every_app, subject_}, std::max(now_ - rule.window, reset_at_)))
      times.push_back(entry.at);
    tell(policy, rule, times);
  }

  /// The newest send to each phone.
  void look_at_phones(std::string_view policy, HistoryKind kind, const RateRule& rule) {
    if (rule.count == 0) return;
    std::map<std::uint32_t, WallTime> phones;
    for (const HistoryEntry& entry : txn_.history({kind, app_.id, subject_}, std::max(now_ - rule.window, reset_at_)))
      phones[entry.tag] = std::max(phones[entry.tag], entry.at);
    std::vector<WallTime> times;
    for (const auto& [tag, at] : phones) times.push_back(at);
    tell(policy, rule, times);
  }

  /// Of the newest request for the usual purpose: how long until the phone may be sent to again.
  void look_at_cooldown(const LimitSettings& limits) {
    if (limits.cooldown.empty()) return;
    const LiveKey key{app_.id, subject_, "default"};
    const auto live = txn_.live_otp(key);
    const auto newest = live ? live : txn_.latest_otp(key);
    const auto otp = newest ? txn_.otp(*newest) : std::nullopt;
    LimitUse use{app_.name, "cooldown", 1, limits.cooldown.front(), 0, Seconds{0}};
    if (otp) {
      use.window = cooldown_after(limits.cooldown, std::max(otp->sends(), 1U));
      use.wait = std::max(Seconds{0}, std::chrono::ceil<Seconds>(cooldown_over_at(*otp, limits, reset_at_) - now_));
      use.used = use.wait > Seconds{0} ? 1 : 0;
    }
    state_.uses.push_back(std::move(use));
  }

  void look_at_lock(const LimitSettings& limits) {
    if (limits.locks_per_phone.count == 0) return;
    look("locks_per_phone", HistoryKind::locks_of_phone, limits.locks_per_phone);
    LimitUse& use = state_.uses.back();
    use.wait = Seconds{0};
    if (use.used < use.limit) return;
    WallTime last{};
    for (const HistoryEntry& lock :
         txn_.history({HistoryKind::locks_of_phone, app_.id, subject_}, now_ - limits.phone_lock))
      last = std::max(last, lock.at);
    use.wait = std::max(Seconds{0}, std::chrono::ceil<Seconds>(last + limits.phone_lock - now_));
  }

  void look_at_guesses() {
    const GuessRow row = txn_.guesses(app_.id, subject_);
    LimitUse use{app_.name, "guesses_in_a_row", guesses_in_a_row_max, Seconds{0}, row.wrong, Seconds{0}};
    if (const auto lock = lock_of(row, now_)) use.wait = lock->wait;
    state_.uses.push_back(std::move(use));
  }

 private:
  void tell(std::string_view policy, const RateRule& rule, const std::vector<WallTime>& times) {
    LimitUse use{app_.name, std::string(policy), rule.count, rule.window, 0, Seconds{0}};
    use.used =
        static_cast<std::uint32_t>(std::ranges::count_if(times, [&](WallTime at) { return now_ - at < rule.window; }));
    const auto violations = check_rates(policy, std::span(&rule, 1), times, now_);
    if (!violations.empty()) use.wait = violations.front().retry_after;
    state_.uses.push_back(std::move(use));
  }

  Txn& txn_;
  const LookedAt& app_;
  const Fingerprint& subject_;
  WallTime now_, reset_at_{};
  LimitState& state_;
};

}  // namespace

namespace {

Fingerprint name_of(const LimitSubject& subject, Vault& vault) {
  if (!subject.key.empty()) return limit_key_fingerprint(vault, subject.key, subject.text);
  if (subject.is_user) return user_fingerprint(vault, subject.text);
  return subject.is_phone ? vault.phone_fingerprint(subject.text) : vault.address_fingerprint(subject.text);
}

}  // namespace

std::optional<LimitSubject> parse_limit_subject(std::string_view text) {
  constexpr std::string_view user_mark = "user:";
  if (text.starts_with(user_mark) && text.size() > user_mark.size())
    return LimitSubject{false, true, std::string(text.substr(user_mark.size())), "", "user:…"};
  constexpr std::string_view key_mark = "key:";
  if (const auto equals = text.find('='); text.starts_with(key_mark) && equals != std::string_view::npos) {
    const std::string name(text.substr(key_mark.size(), equals - key_mark.size()));
    if (name.empty() || equals + 1 == text.size()) return std::nullopt;
    return LimitSubject{false, true, std::string(text.substr(equals + 1)), "", "key:" + name + "=…", name};
  }
  if (const auto address = parse_ip_address(text)) {
    const std::string subject = to_string(end_user_of(*address));
    return LimitSubject{false, false, subject, "", end_user_net_of(*address) ? subject + "/64" : subject};
  }
  const auto phone = parse_phone(text);
  if (!phone) return std::nullopt;
  return LimitSubject{true, false, phone->e164, phone->country, mask_phone(phone->e164, phone->country_code)};
}

void read_limits(Services& services, const LimitSubject& subject, std::optional<AppId> app,
                 std::move_only_function<void(LimitState, bool)> done) {
  run_task(
      services.store,
      [subject, apps = apps_looked_at(services, app), now = services.loop.wall_now(),
       &vault = services.store_vault](Txn& txn) {
        LimitState state;
        const Fingerprint name = name_of(subject, vault);
        const ListedNumber number{name, subject.text, subject.country};
        const auto net = subject.is_phone || subject.is_user ? std::nullopt : user_net(subject.text, vault);
        for (const LookedAt& one : apps) {
          LimitReader reader(txn, one, name, now, state);
          if (subject.is_phone) {
            for (const RateRule& rule : one.limits.sends_per_phone)
              reader.look("sends_per_phone", HistoryKind::sends_of_phone, rule);
            for (const RateRule& rule : one.limits.sends_per_phone_overall)
              reader.look_overall("sends_per_phone_overall", HistoryKind::sends_of_phone_overall, rule);
            reader.look_at_cooldown(one.limits);
            reader.look_at_lock(one.limits);
            reader.look_at_guesses();
            const auto block = txn.listed(ListKind::block, one.id, number, now);
            const auto allow = txn.listed(ListKind::allow, one.id, number, now);
            state.is_blocked |= is_blocked(block, allow);
            state.is_allowed |= allow.has_value();
          } else if (!subject.key.empty()) {
            for (const LimitKeyRule& key : one.keys)
              if (key.name == subject.key)
                reader.look("limit_keys." + key.name, HistoryKind::sends_of_end_user, key.rule);
          } else if (subject.is_user) {
            for (const RateRule& rule : one.limits.sends_per_user_id)
              reader.look("sends_per_user_id", HistoryKind::sends_of_end_user, rule);
            reader.look_at_phones("phones_per_user_id", HistoryKind::sends_of_end_user, one.limits.phones_per_user_id);
          } else {
            for (const RateRule& rule : one.limits.sends_per_user_ip)
              reader.look("sends_per_user_ip", HistoryKind::sends_of_user_ip, rule);
            reader.look_at_phones("phones_per_user_ip", HistoryKind::sends_of_user_ip, one.limits.phones_per_user_ip);
            if (net) {
              LimitReader of_net(txn, one, *net, now, state);
              for (const RateRule& rule : one.limits.sends_per_user_net)
                of_net.look("sends_per_user_net", HistoryKind::sends_of_user_net, rule);
            }
            reader.look("failed_verifies_per_user_ip", HistoryKind::failed_verifies_of_user_ip,
                        one.limits.failed_verifies_per_user_ip);
          }
        }
        return state;
      },
      [done = std::move(done)](Commit commit, LimitState& state) mutable {
        done(std::move(state), commit == Commit::durable);
      });
}

void reset_limits(Services& services, const LimitSubject& subject, std::optional<AppId> app,
                  std::move_only_function<void(bool)> done) {
  run_task(
      services.store,
      [subject, apps = apps_looked_at(services, app), now = services.loop.wall_now(),
       &vault = services.store_vault](Txn& txn) {
        const Fingerprint name = name_of(subject, vault);
        const auto net = subject.is_phone || subject.is_user ? std::nullopt : user_net(subject.text, vault);
        for (const LookedAt& one : apps) {
          txn.note({HistoryKind::resets, one.id, name}, {now, 0});
          if (subject.is_phone) txn.forget_guesses(one.id, name);
          if (net) txn.note({HistoryKind::resets, one.id, *net}, {now, 0});
        }
        return true;
      },
      [done = std::move(done)](Commit commit, bool&) mutable { done(commit == Commit::durable); });
}

}  // namespace xion
