// What a node sees of the others, and of the database.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "shared/clock_skew.h"
#include "shared/row_keys.h"
#include "shared/shared_cluster.h"

namespace xion {
namespace {

constexpr std::size_t leases_at_most = 4'096;

}  // namespace

void SharedCluster::look_soon() {
  if (!has_begun_ || is_fenced_) return;
  if (is_busy_)
    is_wanted_again_ = true;
  else
    timer_->start(Millis{0});
}

void SharedCluster::look() {
  if (is_busy_ || is_fenced_) return;
  is_busy_ = true;
  is_wanted_again_ = false;
  asked_.assign(std::make_move_iterator(notices_.begin()), std::make_move_iterator(notices_.end()));
  notices_.clear();
  RowWants wants;
  for (const Notice& notice : asked_) wants.rows.push_back(row_keys::notice(notice.name));
  wants.clock = true;
  asked_at_ = loop_.now();
  wants.ranges = {{{.table = RowTable::beats, .from = {}, .to = {}}, nodes_of_cluster},
                  {{.table = RowTable::leases, .from = {}, .to = {}}, leases_at_most}};
  rows_.fetch(std::move(wants), answered<std::optional<FetchedRows>>([this](std::optional<FetchedRows> fetched) {
                if (fetched) return looked(*fetched);
                std::ranges::move(std::exchange(asked_, {}), std::back_inserter(notices_));
                next_step();
              }));
}

void SharedCluster::looked(const FetchedRows& fetched) {
  see_clock(fetched.clock);
  see_nodes(fetched.ranges.at(0));
  see_configs();
  see_leases(fetched.ranges.at(1));
  looked_at_ = loop_.now();
  const auto own = nodes_.find(life_.node);
  if (is_seen_ && (own == nodes_.end() || own->second.beat.incarnation != life_.incarnation)) return be_fenced();
  decide();
  add_notices(fetched.rows);
  std::set<std::string> free;
  const LeaseMap seen = map();
  for (const std::string& name : wished())
    if (!seen.held.contains(name)) free.insert(name);
  free_before_ = std::move(free);
  next_step();
}

void SharedCluster::see_clock(const std::optional<WallTime>& clock) {
  const auto skew = clock ? clock_skew(loop_.wall_now(), loop_.now() - asked_at_, *clock) : std::nullopt;
  if (!skew) return;
  skew_ = skew;
  if (std::exchange(is_clock_off_, is_clock_off(*skew, is_clock_off_)) == is_clock_off_) return;
  if (is_clock_off_)
    log::warning("cluster.clock.skewed", "ahead_ms={} hint=\"{}\"", skew->count(),
                 "codes end by it: set this machine's clock and the database's by NTP");
  else
    log::info("cluster.clock.right", "ahead_ms={}", skew->count());
}

void SharedCluster::see_configs() {
  const auto own = nodes_.find(life_.node);
  if (own == nodes_.end()) return;
  std::map<std::string, std::string> others;
  for (const auto& [node, seen] : nodes_)
    if (node != life_.node) others.emplace(seen.beat.name, seen.beat.report.config_hash);
  config_watch_.look(own->second.beat.report.config_hash, others, loop_.now());
}

/// After a while in which nothing could be seen everybody's silence begins anew.
void SharedCluster::see_nodes(const std::vector<StoredRow>& rows) {
  const MonoTime now = loop_.now();
  const Millis gap = between_looks() * 5 / 2;
  const bool was_blind = !looked_at_ || now - *looked_at_ > gap;
  std::map<NodeId, Seen> nodes;
  for (const StoredRow& row : rows) {
    const auto node = row_keys::node_of_beat(row.key);
    auto beat = beat_from(row.content.record);
    if (!node || !beat) continue;
    const auto before = nodes_.find(*node);
    const bool is_silent = before != nodes_.end() && before->second.stamp == row.stamp && !was_blind;
    nodes.emplace(*node, Seen{std::move(*beat), row.stamp, is_silent ? before->second.since : now});
  }
  const auto is_same = [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.beat.incarnation == b.second.beat.incarnation &&
           a.second.beat.wishes == b.second.beat.wishes;
  };
  if (!std::ranges::equal(nodes, nodes_, is_same)) nodes_since_ = now;
  for (const auto& [node, seen] : nodes)
    if (node != life_.node && !nodes_.contains(node))
      log::info("cluster.node.joined", "node={} number={}", seen.beat.name, node);
  for (const auto& [node, seen] : nodes_)
    if (node != life_.node && !nodes.contains(node))
      log::info("cluster.node.left", "node={} number={}", seen.beat.name, node);
  nodes_ = std::move(nodes);
}

void SharedCluster::see_leases(const std::vector<StoredRow>& rows) {
  leases_.clear();
  for (const StoredRow& row : rows)
    if (const auto lease = lease_from(row.content.record)) leases_.emplace(row.key, SeenLease{*lease, row.stamp});
  std::set<std::string> ours;
  for (const auto& [name, seen] : leases_)
    if (seen.row.is_held && seen.row.node == life_.node && seen.row.incarnation == life_.incarnation) ours.insert(name);
  if (ours != ours_) {
    ours_ = std::move(ours);
    tell();
  }
}

LeaseMap SharedCluster::map() const {
  LeaseMap map{.self = life_.node, .held = {}, .wishes = {}};
  for (const auto& [node, seen] : nodes_) map.wishes[node] = seen.beat.wishes;
  for (const auto& [name, seen] : leases_) {
    const auto holder = nodes_.find(seen.row.node);
    const bool lives = holder != nodes_.end() && holder->second.beat.incarnation == seen.row.incarnation;
    if (seen.row.is_held && lives) map.held.emplace(name, seen.row.node);
  }
  return map;
}

std::set<std::string> SharedCluster::wished() const {
  std::set<std::string> names;
  for (const auto& [name, wish] : wishes_) names.insert(name);
  return names;
}

}  // namespace xion
