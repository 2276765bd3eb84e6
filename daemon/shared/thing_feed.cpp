#include "shared/thing_feed.h"

#include <algorithm>

#include "core/row_id.h"
#include "shared/member_rows.h"
#include "shared/row_keys.h"

namespace xion {
namespace {

constexpr std::size_t things_at_once = 1'000;

std::string place_of_stamp(RowStamp stamp) { return std::string(BigEndian(stamp).view()); }

}  // namespace

void ThingFeed::mark(std::vector<RowChange>& changes, RowStamp stamp, WallTime now) {
  for (RowChange& change : changes) {
    if (change.name.table != RowTable::things) continue;
    const bool is_gone = !change.content;
    if (is_gone) change.content.emplace();
    change.content->sorts = {place_of_stamp(stamp), is_gone ? row_keys::moment(now) : std::string()};
  }
}

void ThingFeed::note(const StoredRow& thing) {
  const NodeId node = node_of_stamp(thing.stamp);
  if (node == self_) return;
  std::string& seen = seen_[node];
  seen = std::max(seen, thing.content.sorts[0] + '\0');
}

std::vector<RangeWant> ThingFeed::wants() {
  std::vector<RangeWant> wants{{row_keys::member_numbers(), nodes_of_cluster}};
  asked_.clear();
  for (const auto& [node, from] : seen_) {
    const RowStamp begin = RowStamp{node} << 58, end = begin + (RowStamp{1} << 58);
    RowRange range{.table = RowTable::things, .by = 1, .from = from.empty() ? place_of_stamp(begin) : from, .to = {}};
    if (end != 0) range.to = place_of_stamp(end);
    wants.push_back({std::move(range), things_at_once});
    asked_.push_back(node);
  }
  return wants;
}

ThingFeed::Fresh ThingFeed::learn(const std::vector<std::vector<StoredRow>>& ranges,
                                  absl::FunctionRef<void(const StoredRow&)> visit) {
  Fresh fresh;
  for (std::size_t at = 0; at < asked_.size(); ++at) {
    const auto& rows = ranges.at(at + 1);
    for (const StoredRow& row : rows) {
      visit(row);
      fresh.names.push_back({static_cast<ThingKind>(row.key.front()), row.key.substr(1)});
    }
    if (!rows.empty()) seen_[asked_[at]] = rows.back().content.sorts[0] + '\0';
    fresh.has_more = fresh.has_more || rows.size() == things_at_once;
  }
  for (const StoredRow& row : ranges.at(0)) {
    const auto node = row_keys::node_of_member(row.key);
    if (node && *node != self_ && seen_.try_emplace(*node).second) fresh.has_more = true;
  }
  return fresh;
}

}  // namespace xion
