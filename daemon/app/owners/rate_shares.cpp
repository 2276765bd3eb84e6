#include "app/owners/rate_shares.h"

#include <algorithm>
#include <vector>

namespace xion {
namespace {

/// Others tell theirs about once a second.
constexpr Millis interval{500};
/// A demand below this is none: the meter has forgotten all but a trace.
constexpr double least_demand = 0.005;
/// Apps that a node tells others of: those that ask for most. A beat stays a few kilobytes.
constexpr std::size_t apps_told = 256;

/// Nothing: it did not tell all of its apps, and this one is not among those that it told.
std::optional<double> demand_of(AppId app, const NodeReport& report) {
  const auto at = std::ranges::lower_bound(report.demands, app, {}, &DemandOfApp::app);
  if (at != report.demands.end() && at->app == app) return at->calls_per_second;
  return report.has_all_demands ? std::optional(0.0) : std::nullopt;
}

}  // namespace

RateShares::RateShares(const Ports& ports, const Directory& directory)
    : ports_(ports), directory_(directory), timer_(ports.loop.timer([this] { share(); })) {}

void RateShares::start() {
  if (ports_.cluster.is_shared()) timer_->start(interval);
}

void RateShares::write_to(NodeReport& report) const {
  const MonoTime now = ports_.loop.now();
  for (const auto& entry : directory_.apps())
    if (const double demand = entry->demand.per_second(now); demand >= least_demand)
      report.demands.push_back({entry->app.id, demand});
  if (report.demands.size() > apps_told) {
    std::ranges::nth_element(report.demands, report.demands.begin() + apps_told, std::ranges::greater(),
                             &DemandOfApp::calls_per_second);
    report.demands.resize(apps_told);
    report.has_all_demands = false;
  }
  std::ranges::sort(report.demands, {}, &DemandOfApp::app);
}

void RateShares::share() {
  const MonoTime now = ports_.loop.now();
  const std::vector<Peer> peers = ports_.cluster.peers();
  NodeReport own;
  write_to(own);
  std::vector<std::optional<double>> others(peers.size());
  for (const auto& entry : directory_.apps()) {
    for (std::size_t at = 0; at < peers.size(); ++at) others[at] = demand_of(entry->app.id, peers[at].report);
    const double part = share_of_rate(demand_of(entry->app.id, own), others);
    if (part != entry->share) entry->set_share(part, now);
  }
  timer_->start(interval);
}

}  // namespace xion
