#include "app/owners/alert_watch.h"

#include <algorithm>
#include <utility>

#include "app/owners/directory.h"
#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

using KnownRates = AlertWatch::KnownRates;
using WebhooksByApp = AlertWatch::WebhooksByApp;

constexpr Millis not_ours_interval{1'000};
constexpr Millis round_interval{10'000};
/// Of one look, so that no client waits long behind it: four rows each …
constexpr std::size_t apps_of_a_look = 200;
/// … and of so many of them some thirty more, which rates are made of.
constexpr std::size_t rates_of_a_look = 20;
constexpr Millis least_pause{50};
/// The pause after a look is so many times as long as the look took.
constexpr int pause_of_looks = 20;
constexpr int hours_of_now = 24;
/// The last 24 hours begin yesterday: what is before them is of the seven days before yesterday.
constexpr int days_before = 7;

/// What of an app's plan is held against what it used.
struct Watched {
  AppId app = 0;
  std::string name;
  std::uint64_t included = 0;
  Micros spend_per_day = 0, spend_per_month = 0;
  std::optional<KnownRates> rates;  ///< As they were at the last look.
};

/// What is the same for all apps of a look.
struct Looking {
  const WebhooksByApp& webhooks;
  const std::string& currency;
  WallTime now;
};

struct Looked {
  AppId last = 0;  ///< Whom it came to.
  std::vector<AlertNews> news;
  std::map<AppId, KnownRates> rates;
  std::shared_ptr<const WebhooksByApp> webhooks;
};

RateReading delivery_of(const StatSums& sums) {
  return {sums[Stat::delivered], sums[Stat::delivered] + sums[Stat::undelivered]};
}
RateReading verification_of(const StatSums& sums) {
  return {sums[Stat::verified], sums[Stat::requests] - sums[Stat::pending]};
}

/// Nothing: there was no request in either day, so nothing can be said of rates.
std::optional<AlertWatch::FiguresOfRates> figures_of_rates(Txn& txn, AppId app, WallTime now) {
  const StatSums sums = txn.stats(app, StatKind::all, day_of(now) - 1, day_of(now))[""];
  if (sums[Stat::requests] == 0) return std::nullopt;
  return AlertWatch::FiguresOfRates{hour_of(now), sums.counts};
}

KnownRates read_rates(Txn& txn, AppId app, WallTime now) {
  const Hour hour = hour_of(now);
  const StatSums lately = txn.stats_by_hour(app, StatKind::all, hour - hours_of_now + 1, hour)[""];
  KnownRates rates;
  rates.delivery = delivery_of(lately);
  rates.verification = verification_of(lately);
  if (lately[Stat::requests] == 0) return rates;
  const Day yesterday = day_of(now) - 1;
  const StatSums before = txn.stats(app, StatKind::all, yesterday - days_before, yesterday - 1)[""];
  rates.delivery_before = delivery_of(before);
  rates.verification_before = verification_of(before);
  return rates;
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

void read_webhooks(Txn& txn, const WebhooksByApp& webhooks, AppId app, AlertReadings& readings) {
  const auto of_app = webhooks.find(app);
  if (of_app == webhooks.end()) return;
  for (const Webhook& webhook : of_app->second) {
    const WebhookHealth health = txn.webhook_health(webhook.id);
    const bool has_failed = health.failed_at && (!health.delivered_at || *health.failed_at > *health.delivered_at);
    readings.webhooks.push_back({.id = webhook.id,
                                 .url = masked_url(webhook.url),
                                 .is_failing = has_failed || !webhook.disabled.empty(),
                                 .http_status = has_failed ? health.last_status : 0,
                                 .error = has_failed ? health.last_error : webhook.disabled});
  }
}

AlertReadings read(Txn& txn, const Watched& of, const KnownRates& rates, const Looking& looking) {
  const auto& [webhooks, currency, now] = looking;
  AlertReadings readings;
  readings.app = of.name;
  readings.delivery = rates.delivery;
  readings.delivery_before = rates.delivery_before;
  readings.verification = rates.verification;
  readings.verification_before = rates.verification_before;
  readings.included = of.included;
  readings.currency = currency;
  if (of.included > 0) readings.used = txn.counters(of.app, month_of(now))[static_cast<std::size_t>(Counter::sends)];
  read_spends(txn, of, now, readings);
  read_webhooks(txn, webhooks, of.app, readings);
  return readings;
}

std::vector<AlertNews> look_at(Txn& txn, const Watched& of, const KnownRates& rates, const Looking& looking) {
  const std::vector<Alert> open = txn.open_alerts(of.app);
  AlertDecision decision = decide_alerts(read(txn, of, rates, looking), open, looking.now);
  if (decision.open != open) txn.put_open_alerts(of.app, decision.open);
  for (const AlertNews& news : decision.news) txn.tell(of.app, news.type, news.alert.data);
  return std::move(decision.news);
}

std::shared_ptr<const WebhooksByApp> webhooks_by_app(Txn& txn) {
  auto by_app = std::make_shared<WebhooksByApp>();
  for (Webhook& webhook : txn.webhooks()) (*by_app)[webhook.app].push_back(std::move(webhook));
  return by_app;
}

/// Looks at one app after the other, and leaves the rest to the next look where it has read enough.
Looked look_at_all(Txn& txn, const std::vector<Watched>& watched, const Looking& looking) {
  Looked looked;
  std::size_t reads = 0;
  for (const Watched& of : watched) {
    KnownRates rates;
    if (const auto figures = figures_of_rates(txn, of.app, looking.now)) {
      const bool are_known = of.rates && of.rates->of == *figures;
      if (!are_known && ++reads > rates_of_a_look) break;
      rates = are_known ? *of.rates : read_rates(txn, of.app, looking.now);
      rates.of = *figures;
      looked.rates.emplace(of.app, rates);
    }
    for (AlertNews& news : look_at(txn, of, rates, looking)) looked.news.push_back(std::move(news));
    looked.last = of.app;
  }
  return looked;
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

void AlertWatch::start() { timer_->start(not_ours_interval); }
void AlertWatch::stop() {
  is_stopping_ = true;
  timer_->stop();
}

/// Those of apps that are gone, and of those that have no traffic any more, go.
void AlertWatch::note(std::map<AppId, KnownRates>& rates, AppId last) {
  rates_.erase(rates_.upper_bound(last_), last == 0 ? rates_.end() : rates_.upper_bound(last));
  rates_.merge(rates);
  last_ = last;
}

void AlertWatch::look() {
  if (!housekeeper_.is_held()) return timer_->start(not_ours_interval);
  const MonoTime began = ports_.loop.now();
  if (last_ == 0) {
    round_at_ = began;
    webhooks_.reset();
  }
  std::vector<Watched> watched;
  for (const auto& entry : directory_.apps()) {
    if (entry->app.id <= last_ || watched.size() >= apps_of_a_look) continue;
    const Plan& plan = entry->policy.plan;
    const auto known = rates_.find(entry->app.id);
    watched.push_back({entry->app.id, entry->app.name, plan.sms_per_month, plan.spend_per_day, plan.spend_per_month,
                       known == rates_.end() ? std::nullopt : std::optional(known->second)});
  }
  // Fewer than a look has room for are the last ones, unless it leaves some of them.
  const AppId end = watched.empty() || watched.size() < apps_of_a_look ? 0 : watched.back().app;
  const AppId last_wanted = watched.empty() ? 0 : watched.back().app;
  run_task(
      ports_.store,
      [watched = std::move(watched), webhooks = webhooks_, currency = settings_.prices()->currency,
       now = ports_.loop.wall_now()](Txn& txn) {
        const auto known = webhooks ? webhooks : webhooks_by_app(txn);
        Looked looked = look_at_all(txn, watched, {*known, currency, now});
        looked.webhooks = known;
        return looked;
      },
      [this, began, end, last_wanted, alive = std::weak_ptr(is_alive_)](Commit commit, Looked& looked) {
        if (alive.expired()) return;
        if (commit == Commit::durable) std::ranges::for_each(looked.news, log_news);
        webhooks_ = std::move(looked.webhooks);
        note(looked.rates, commit == Commit::failed || looked.last == last_wanted ? end : looked.last);
        if (is_stopping_) return;
        const MonoTime now = ports_.loop.now();
        const Millis pause = std::max(least_pause, pause_of_looks * (now - began));
        timer_->start(last_ != 0 ? pause : std::max(pause, round_at_ + round_interval - now));
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
