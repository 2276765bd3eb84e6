// Sums: each node writes its own, and all of them are added up when somebody asks.
#include <algorithm>
#include <utility>

#include "shared/shared_records.h"
#include "store/row_octets.h"

namespace xion {
namespace {

/// Of all nodes, and the pool.
constexpr std::size_t shares_of_month = nodes_of_cluster + 1;

std::string hour_order(Hour hour) { return std::string(BigEndian(static_cast<std::uint32_t>(hour)).view()); }

}  // namespace

RowName SharedRecords::stripe(std::string prefix) const { return row_keys::stripe(std::move(prefix), life_.node); }

Counters SharedRecords::stripe_of(const RowName& name) {
  const RowContent* row = view_->read(name);
  const auto kept = row == nullptr ? std::nullopt : counters_from_row(row->record);
  return kept.value_or(Counters{});
}

void SharedRecords::count(AppId app, CounterPeriod period, Counter counter, std::uint64_t by) {
  const RowName name = stripe(row_keys::counters(app, period));
  Counters own = stripe_of(name);
  own[static_cast<std::size_t>(counter)] += by;
  view_->put(name, {to_row(own)});
}

Counters SharedRecords::counters(AppId app, CounterPeriod period) {
  Counters all{};
  const RowRange range = row_keys::all_with(RowTable::sums, row_keys::counters(app, period));
  for (const StoredRow& row : view_->read(range, rows_without_end)) {
    const auto of_node = counters_from_row(row.content.record);
    for (std::size_t i = 0; of_node && i < all.size(); ++i) all[i] += (*of_node)[i];
  }
  return all;
}

// A month's volume: a node spends what it was granted.

struct SharedRecords::Volume {
  RowName name;
  VolumeShare own;
  VolumePool pool;
  std::vector<std::pair<RowName, VolumeShare>> shares;
  VolumeGrant grant;
};

VolumeShare SharedRecords::volume_share(const RowName& name) {
  const RowContent* row = view_->read(name);
  return row == nullptr ? VolumeShare{} : volume_share_from(row->record);
}

/// As it is now: another node has taken a grant since it was last read, as a rule. What was sent before there were
/// shares is in the counters.
VolumePool SharedRecords::volume_pool(AppId app, Month month) {
  const RowName name = row_keys::volume_pool(app, month);
  if (!view_->is_of_round(name)) view_->want_again(name);
  const RowContent* row = view_->read(name);
  if (row != nullptr) return volume_pool_from(row->record);
  return {.before = counters(app, month)[static_cast<std::size_t>(Counter::sends)]};
}

/// Where this node has nothing left.
SharedRecords::Volume SharedRecords::read_volume(AppId app, Month month, std::uint64_t included) {
  Volume volume;
  volume.name = row_keys::volume_share(app, month, life_.node);
  volume.own = volume_share(volume.name);
  volume.pool = volume_pool(app, month);
  const RowName pool = row_keys::volume_pool(app, month);
  std::vector<VolumeShare> all;
  for (const StoredRow& row : view_->read(row_keys::volume(app, month), shares_of_month)) {
    if (row.key == pool.key) continue;
    all.push_back(volume_share_from(row.content.record));
    volume.shares.emplace_back(RowName{RowTable::quotas, row.key}, all.back());
  }
  volume.grant = next_grant(volume.pool, all, volume.own, included);
  return volume;
}

/// What a task reads that charges a message: all of it only where this node may have nothing left.
void SharedRecords::read_grants(AppId app, Month month) {
  const RowContent* row = view_->read(row_keys::volume_share(app, month, life_.node));
  if (row != nullptr) {
    const VolumeShare own = volume_share_from(row->record);
    if (own.included == 0 || own.spent < own.granted) return;
  }
  const bool is_pool_here = view_->want_new(row_keys::volume_pool(app, month));
  view_->read(row_keys::volume(app, month), shares_of_month);
  if (!is_pool_here) throw Unread();
}

Quota SharedRecords::quota(AppId app, Month month, std::uint64_t included) {
  const std::uint64_t used = counters(app, month)[static_cast<std::size_t>(Counter::sends)];
  if (included == 0) return {used, true};
  const bool has_left = volume_share(row_keys::volume_share(app, month, life_.node)).has_left(included);
  return {used, has_left || read_volume(app, month, included).grant.messages > 0};
}

/// The others' rows are written, too, where they lose what they have left: of two that do so at once one begins again.
VolumeShare SharedRecords::take_grant(AppId app, Month month, std::uint64_t included) {
  Volume volume = read_volume(app, month, included);
  volume.own.included = included;
  if (volume.grant.messages == 0) return volume.own;
  if (volume.grant.takes_back) {
    volume.pool.granted = 0;
    for (auto& [name, share] : volume.shares) {
      volume.pool.granted += share.spent;
      if (name == volume.name || share.spent == share.granted) continue;
      share.granted = share.spent;
      view_->put(name, {to_row(share)});
    }
    volume.own.granted = volume.own.spent;
  }
  volume.own.granted += volume.grant.messages;
  volume.pool.granted += volume.grant.messages;
  view_->put(row_keys::volume_pool(app, month), {to_row(volume.pool)});
  return volume.own;
}

/// Nobody charges the month before the last one any more.
void SharedRecords::forget_volume(AppId app, Month month) {
  for (const StoredRow& row : view_->read(row_keys::volume(app, month), shares_of_month))
    view_->erase({RowTable::quotas, row.key});
}

bool SharedRecords::take_quota(AppId app, Month month, std::uint64_t included) {
  const RowName name = row_keys::volume_share(app, month, life_.node);
  const bool is_first = view_->read(name) == nullptr;
  VolumeShare own = volume_share(name);
  if (is_first) forget_volume(app, month - std::chrono::months{2});
  if (included == 0) {
    own.included = 0;
    ++own.unbounded;
    if (is_first) view_->put(row_keys::volume_pool(app, month), {to_row(volume_pool(app, month))});
  } else {
    if (!own.has_left(included)) own = take_grant(app, month, included);
    if (!own.has_left(included)) return false;
    ++own.spent;
  }
  view_->put(name, {to_row(own)});
  count(app, month, Counter::sends, 1);
  return true;
}

StatSums& SharedRecords::sums(const SumsPlace& place, StatKind kind, std::string_view name) {
  const RowName own = stripe(row_keys::sums(place, kind, name));
  if (const auto at = open_sums_.find(own); at != open_sums_.end()) return at->second.sums;
  const RowContent* row = view_->read(own);
  const auto kept = row == nullptr ? std::nullopt : stat_sums_from_row(row->record);
  const bool is_of_hour = place.period == SumsPlace::Period::hour;
  return open_sums_.emplace(own, OpenSums{kept.value_or(StatSums{}), place.when, is_of_hour}).first->second.sums;
}

void SharedRecords::finish() {
  for (auto& [name, open] : open_sums_) {
    RowContent content{to_row(open.sums)};
    if (open.is_of_hour) content.sorts[0] = hour_order(open.hour);
    view_->put(name, std::move(content));
  }
  open_sums_.clear();
}

/// Of any node; mostly this one's tell it.
bool SharedRecords::has_sums(const SumsPlace& place) {
  const std::string all = row_keys::sums(place, StatKind::all, {});
  const RowName own = stripe(all);
  if (open_sums_.contains(own) || view_->read(own) != nullptr) return true;
  return !view_->read(row_keys::all_with(RowTable::sums, all), 1).empty();
}

std::map<std::string, StatSums> SharedRecords::sums_until(const SumsPlace& place, StatKind kind, std::int32_t last) {
  finish();
  std::map<std::string, StatSums> found;
  const RowRange range{.table = RowTable::sums,
                       .from = row_keys::sums_of_kind(place, kind),
                       .to = row_keys::sums_of_kind({place.period, place.app, last + 1}, kind)};
  for (const StoredRow& row : view_->read(range, rows_without_end))
    if (const auto sums = stat_sums_from_row(row.content.record))
      found[std::string(row_keys::name_of(row.key))].add(*sums);
  return found;
}

/// Stripes of one name lie together: they are added up before they are shown. `rest` is after the last node.
template <typename Sum, typename Of, typename Add>
void SharedRecords::stripes_from(std::string_view from, char begin, Of of, Add add,
                                 absl::FunctionRef<bool(std::string_view rest, const Sum& sum)> visit) {
  RowRange range = row_keys::all_with(RowTable::sums, std::string(1, begin));
  range.from = std::max(range.from, std::string(from));
  std::optional<Sum> sum;
  std::string name;
  const auto show = [&] { return !sum || visit(name + '\xFF', *sum); };
  bool goes_on = true;
  in_pages(range, [&](const StoredRow& row) {
    const std::string_view of_all_nodes = std::string_view(row.key).substr(0, row.key.size() - 1);
    if (of_all_nodes != name) {
      if (!(goes_on = show())) return false;
      sum = of(row.key);
      name = of_all_nodes;
    }
    if (sum) add(*sum, row.content.record);
    return true;
  });
  if (goes_on) show();
}

void SharedRecords::counters_from(std::string_view from, VisitCounters visit) {
  stripes_from<CountersRow>(
      from, row_keys::counters_begin, row_keys::counters_of,
      [](CountersRow& all, std::string_view record) {
        const auto own = counters_from_row(record);
        for (std::size_t i = 0; own && i < all.counters.size(); ++i) all.counters[i] += (*own)[i];
      },
      visit);
}

/// The stripe is this node's alone: its life answers for it.
void SharedRecords::put(const CountersRow& row) {
  view_->put_unseen(stripe(row_keys::counters(row.app, CounterPeriod::of_key(row.period))), {to_row(row.counters)});
}

void SharedRecords::put(const SumsRow& row) {
  RowContent content{to_row(row.sums)};
  if (row.place.period == SumsPlace::Period::hour) content.sorts[0] = hour_order(row.place.when);
  view_->put_unseen(stripe(row_keys::sums(row.place, row.kind, row.name)), std::move(content));
}

void SharedRecords::sums_from(std::string_view from, VisitSums visit) {
  finish();
  bool goes_on = true;
  for (const char begin : {row_keys::days_begin, row_keys::hours_begin}) {
    if (!goes_on || (!from.empty() && from.front() > begin)) continue;
    stripes_from<SumsRow>(
        from, begin, row_keys::sums_of,
        [](SumsRow& all, std::string_view record) {
          if (const auto own = stat_sums_from_row(record)) all.sums.add(*own);
        },
        [&](std::string_view rest, const SumsRow& row) { return goes_on = visit(rest, row); });
  }
}

// The guard counts what this node has seen.

/// Stripes of one subject lie together, as those of sums do.
void SharedRecords::traffic_from(std::string_view from, VisitTraffic visit) {
  using Subject = std::uint64_t;
  std::optional<Subject> subject;
  TrafficRow sum;
  const auto show = [&] { return !subject || visit(std::string(BigEndian(*subject).view()) + '\xFF', *subject, sum); };
  bool goes_on = true;
  in_pages({.table = RowTable::traffic, .from = std::string(from), .to = {}}, [&](const StoredRow& stored) {
    if (stored.key.size() != sizeof(Subject) + 1) return true;
    const auto of = from_big_endian<Subject>(std::string_view(stored.key).substr(0, sizeof(Subject)));
    if (of != subject) {
      if (!(goes_on = show())) return false;
      subject = of;
      sum = {};
    }
    sum.add(TrafficRow(stored.content.record));
    return true;
  });
  if (goes_on) show();
}

void SharedRecords::put_traffic_rows(const TrafficRows& rows) {
  std::vector<RowName> names;
  for (const auto& [name, row] : rows) names.push_back(row_keys::traffic(name, life_.node));
  view_->read_all(names);
  for (const auto& [name, row] : rows)
    view_->put(row_keys::traffic(name, life_.node), {row.octets(), {row_keys::moment(now_)}});
}

TrafficRow SharedRecords::traffic_row(const TrafficKey& key) {
  const RowContent* row = view_->read(row_keys::traffic(TrafficCounts::name_of(key), life_.node));
  return row == nullptr ? TrafficRow() : TrafficRow(row->record);
}

void SharedRecords::put_traffic(const TrafficKey& key, TrafficRow row) {
  row.pass_to(now_);
  view_->put(row_keys::traffic(TrafficCounts::name_of(key), life_.node), {row.octets(), {row_keys::moment(now_)}});
}

Traffic SharedRecords::traffic(const TrafficKey& key, WallTime now) {
  TrafficRow row = traffic_row(key);
  TrafficCounts counts(&row);
  row.restore_days(counts, key, now);
  return counts.read(key, now);
}

void SharedRecords::traffic_sent(const TrafficKey& key, WallTime at) {
  TrafficRow row = traffic_row(key);
  TrafficCounts(&row).sent(key, at);
  put_traffic(key, std::move(row));
}

void SharedRecords::traffic_verified(const TrafficKey& key, WallTime at, const std::vector<WallTime>& sent_at) {
  TrafficRow row = traffic_row(key);
  TrafficCounts(&row).verified(key, at, sent_at);
  put_traffic(key, std::move(row));
}

}  // namespace xion
