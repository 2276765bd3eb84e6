#include "dashboard/live.h"

#include <algorithm>
#include <set>
#include <utility>

#include "app/owners/dashboard_access.h"

namespace xion::dashboard {
namespace {

constexpr Millis look_interval{1'000};
constexpr std::uint64_t turns_between_beats = 15;  ///< Proxies close what is silent for a minute.
constexpr std::size_t watchers_at_most = 500;
constexpr std::size_t watchers_of_a_session = 20;

}  // namespace

Live::Live(Services& services) : services_(services), timer_(services.loop.timer([this] { look(); })) {}

bool Live::has_room(std::string_view session) const {
  return watchers_.size() < watchers_at_most &&
         std::ranges::count(watchers_, session, &Watcher::session) < static_cast<std::ptrdiff_t>(watchers_of_a_session);
}

void Live::add(std::unique_ptr<HttpBody> body, const DashboardPass& pass, AppId app) {
  // A browser that lost us comes back after so many milliseconds.
  auto page = std::make_shared<EventStream>(std::move(body));
  page->send("retry: 2000\nevent: hello\ndata: {}\n\n");
  watchers_.push_back({std::move(page), pass.id, app});
  // What happens before an app's first glance is in nobody's news, and the page looks as soon as it hears the above.
  if (watchers_.size() == 1 || (app != 0 && !known_.contains(app))) timer_->start(Millis{0});
}

void Live::stop() {
  watchers_.clear();
  timer_->stop();
}

void Live::look() {
  ++turns_;
  end_revoked();
  std::set<AppId> apps;
  for (const Watcher& watcher : watchers_) {
    if (watcher.app != 0) apps.insert(watcher.app);
  }
  std::erase_if(known_, [&](const auto& one) { return !apps.contains(one.first); });
  if (turns_ % 2 == 0) tell(0, "event: change\ndata: {}\n\n");
  if (turns_ % turns_between_beats == 0) {
    std::erase_if(watchers_, [](Watcher& watcher) { return !watcher.page->send("event: still\ndata: {}\n\n"); });
  }
  if (watchers_.empty()) return;
  read_glances(services_, std::move(apps),
               [this, lives = std::weak_ptr(lives_)](const std::optional<std::map<AppId, Glance>>& found) {
                 if (lives.expired()) return;
                 if (found) compare(*found);
                 if (!watchers_.empty()) timer_->start(look_interval);
               });
}

void Live::compare(const std::map<AppId, Glance>& now) {
  for (const auto& [app, glance] : now) {
    const auto [before, is_first] = known_.try_emplace(app, glance);
    if (is_first || before->second == glance) continue;
    before->second = glance;
    tell(app, "event: change\ndata: {}\n\n");
  }
}

void Live::tell(AppId app, std::string_view event) {
  std::erase_if(watchers_, [&](Watcher& watcher) { return watcher.app == app && !watcher.page->send(event); });
}

/// A session that was ended, or is over, sees nothing more.
void Live::end_revoked() {
  std::set<std::string> open;
  for (const DashboardPass& pass : services_.dashboard->passes()) open.insert(pass.id);
  std::erase_if(watchers_, [&](Watcher& watcher) {
    if (open.contains(watcher.session)) return false;
    watcher.page->send("event: end\ndata: {}\n\n");
    return true;
  });
}

}  // namespace xion::dashboard
