#include "app/owners/alert_watch.h"

#include <algorithm>
#include <utility>

#include "app/owners/directory.h"
#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr Millis look_interval{1'000};
constexpr Millis round_interval{10'000};
/// Of one look, so that no client waits long behind it: some thirty rows each.
constexpr std::size_t apps_of_a_look = 20;
constexpr int hours_of_now = 24;
/// The last 24 hours begin yesterday: what is before them is of the seven days before yesterday.
constexpr int days_before = 7;

/// What of an app's plan is held against what it used.
struct Watched {
  AppId app = 0;
  std::string name;
  std::uint64_t included = 0;
  Micros spend_per_day = 0, spend_per_month = 0;
};

/// What is the same for all apps of a look.
struct Looking {
  std::vector<Webhook> webhooks;
  const std::string& currency;
  WallTime now;
};

RateReading delivery_of(const StatSums& sums) {
  return {sums[Stat::delivered], sums[Stat::delivered] + sums[Stat::undelivered]};
}
RateReading verification_of(const StatSums& sums) {
  return {sums[Stat::verified], sums[Stat::requests] - sums[Stat::pending]};
}

void read_rates(Txn& txn, AppId app, WallTime now, AlertReadings& readings) {
  const Hour hour = hour_of(now);
  const StatSums lately = txn.stats_by_hour(app, StatKind::all, hour - hours_of_now + 1, hour)[""];
  readings.delivery = delivery_of(lately);
  readings.verification = verification_of(lately);
  if (lately[Stat::requests] == 0) return;
  const Day yesterday = day_of(now) - 1;
  const StatSums before = txn.stats(app, StatKind::all, yesterday - days_before, yesterday - 1)[""];
  readings.delivery_before = delivery_of(before);
  readings.verification_before = verification_of(before);
}

void read_spends(Txn& txn, const Watched& of, WallTime now, AlertReadings& readings) {
  if (readings.currency.empty()) return;
  const auto add = [&](const char* period, Micros cap, CounterPeriod when) {
    if (cap == 0) return;
    const StatSums sums = txn.spend(of.app, when, readings.currency);
    readings.spends.push_back({period, spent(sums, Spent::price) + spent(sums, Spent::held), cap});
  };
  add("day", of.spend_per_day, day_of(now));
  add("month", of.spend_per_month, month_of(now));
}

void read_webhooks(Txn& txn, const std::vector<Webhook>& webhooks, AppId app, AlertReadings& readings) {
  for (const Webhook& webhook : webhooks) {
    if (webhook.app != app) continue;
    const WebhookHealth health = txn.webhook_health(webhook.id);
    const bool has_failed = health.failed_at && (!health.delivered_at || *health.failed_at > *health.delivered_at);
    readings.webhooks.push_back({.id = webhook.id,
                                 .url = masked_url(webhook.url),
                                 .is_failing = has_failed || !webhook.disabled.empty(),
                                 .http_status = has_failed ? health.last_status : 0,
                                 .error = has_failed ? health.last_error : webhook.disabled});
  }
}

AlertReadings read(Txn& txn, const Watched& of, const Looking& looking) {
  const auto& [webhooks, currency, now] = looking;
  AlertReadings readings;
  readings.app = of.name;
  readings.currency = currency;
  readings.included = of.included;
  read_rates(txn, of.app, now, readings);
  if (of.included > 0) readings.used = txn.counters(of.app, month_of(now))[static_cast<std::size_t>(Counter::sends)];
  read_spends(txn, of, now, readings);
  read_webhooks(txn, webhooks, of.app, readings);
  return readings;
}

std::vector<AlertNews> look_at(Txn& txn, const Watched& of, const Looking& looking) {
  const std::vector<Alert> open = txn.open_alerts(of.app);
  AlertDecision decision = decide_alerts(read(txn, of, looking), open, looking.now);
  if (decision.open != open) txn.put_open_alerts(of.app, decision.open);
  for (const AlertNews& news : decision.news) txn.tell(of.app, news.type, news.alert.data);
  return std::move(decision.news);
}

void log_news(const AlertNews& news) {
  if (news.type == "alert.raised")
    log::warning("alert.raised", "data={}", news.alert.data);
  else
    log::info("alert.resolved", "data={}", news.alert.data);
}

}  // namespace

AlertWatch::AlertWatch(const Ports& ports, const SettingsInForce& settings, const Lease& housekeeper,
                       const Directory& directory)
    : ports_(ports),
      settings_(settings),
      housekeeper_(housekeeper),
      directory_(directory),
      timer_(ports.loop.timer([this] { look(); })) {}

void AlertWatch::start() { timer_->start(look_interval); }
void AlertWatch::stop() {
  is_stopping_ = true;
  timer_->stop();
}

void AlertWatch::look() {
  if (!housekeeper_.is_held()) return timer_->start(look_interval);
  if (last_ == 0) round_at_ = ports_.loop.now();
  std::vector<Watched> watched;
  for (const auto& entry : directory_.apps()) {
    if (entry->app.id <= last_ || watched.size() >= apps_of_a_look) continue;
    const Plan& plan = entry->policy.plan;
    watched.push_back({entry->app.id, entry->app.name, plan.sms_per_month, plan.spend_per_day, plan.spend_per_month});
  }
  last_ = watched.size() < apps_of_a_look ? 0 : watched.back().app;
  const Millis next =
      last_ != 0 ? look_interval : std::max(look_interval, round_at_ + round_interval - ports_.loop.now());
  run_task(
      ports_.store,
      [watched = std::move(watched), currency = settings_.prices()->currency, now = ports_.loop.wall_now()](Txn& txn) {
        std::vector<AlertNews> all;
        const Looking looking{txn.webhooks(), currency, now};
        for (const Watched& of : watched) {
          for (AlertNews& news : look_at(txn, of, looking)) all.push_back(std::move(news));
        }
        return all;
      },
      [this, next, alive = std::weak_ptr(is_alive_)](Commit commit, std::vector<AlertNews>& all) {
        if (alive.expired()) return;
        if (commit == Commit::durable) std::ranges::for_each(all, log_news);
        if (!is_stopping_) timer_->start(next);
      });
}

void read_alerts(Store& store, AppId app, std::move_only_function<void(std::optional<std::vector<Alert>>)> done) {
  run_task(
      store,
      [app](Txn& txn) {
        std::vector<Alert> open = txn.open_alerts(app);
        std::erase_if(open, [](const Alert& one) { return !one.is_told; });
        return open;
      },
      [done = std::move(done)](Commit commit, std::vector<Alert>& open) mutable {
        done(commit == Commit::failed ? std::nullopt : std::optional(std::move(open)));
      });
}

}  // namespace xion
