#include "shared/row_view.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace xion {
namespace {

/// What a range is first fetched with; then four times as much, until it is enough.
constexpr std::size_t first_rows = 64;

bool is_in(const RowRange& range, std::string_view place) {
  return !place.empty() && place >= range.from && (range.to.empty() || place < range.to);
}

std::size_t index_of(RowTable table) { return static_cast<std::size_t>(table); }

}  // namespace

std::string_view place_of(const RowRange& range, std::string_view key, const RowContent& content) {
  return range.by == RowRange::by_key ? key : std::string_view(content.sorts[range.by - 1U]);
}

void WantedRows::add(const RowRange& range, std::size_t limit) {
  auto& most = ranges_[range];
  most = std::max(most, limit);
}

void WantedRows::add(const WantedRows& others) {
  rows_.insert(others.rows_.begin(), others.rows_.end());
  for (const auto& [range, limit] : others.ranges_) add(range, limit);
}

bool WantedRows::has(RowTable table) const {
  return std::ranges::any_of(rows_, [&](const RowName& row) { return row.table == table; }) ||
         std::ranges::any_of(ranges_, [&](const auto& range) { return range.first.table == table; });
}

RowWants wants_of(const WantedRows& wanted) {
  RowWants wants;
  wants.rows.assign(wanted.rows().begin(), wanted.rows().end());
  for (const auto& [range, limit] : wanted.ranges()) wants.ranges.push_back({range, limit});
  return wants;
}

// --- batches and tasks ----------------------------------------------------------------------------------------------

void RowView::begin_batch(bool is_careful) {
  is_careful_ = is_careful;
  ranges_.clear();
  batch_ = {};
  touched_.clear();
  passed_on_.clear();
  undo_batch_.clear();
  begin_task();
}

void RowView::learn(const WantedRows& wanted, FetchedRows& fetched) {
  std::size_t at = 0;
  for (const RowName& name : wanted.rows()) cache_.learn(name, fetched.rows[at++]);
  at = 0;
  for (const auto& [range, limit] : wanted.ranges()) learn(range, limit, fetched.ranges[at++]);
}

void RowView::learn(const RowRange& range, std::size_t limit, const std::vector<StoredRow>& rows) {
  ranges_.insert_or_assign(range, Fetched{rows, limit});
  for (const StoredRow& row : rows) cache_.learn({range.table, row.key}, row);
}

void RowView::begin_task() {
  task_ = {};
  wanted_ = {};
  old_rows_ = {};
  undo_task_.clear();
}

/// What was read of a row that is changed twice is what it was before the first time.
void RowView::keep_task() {
  for (std::size_t table = 0; table < task_.size(); ++table) {
    for (auto& [key, made] : task_[table]) {
      const auto [at, is_new] = batch_[table].try_emplace(key, std::move(made));
      if (!is_new) at->second.content = std::move(made.content);
    }
  }
  std::ranges::move(undo_task_, std::back_inserter(undo_batch_));
  task_ = {};
  undo_task_.clear();
}

void RowView::undo(std::vector<std::move_only_function<void()>>& steps) {
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) (*step)();
  steps.clear();
}

void RowView::drop_task() {
  undo(undo_task_);
  task_ = {};
}

std::vector<RowChange> RowView::changes() const {
  std::vector<RowChange> changes;
  for (std::size_t table = 0; table < batch_.size(); ++table)
    for (const auto& [key, made] : batch_[table]) {
      if (!is_nothing(made)) changes.push_back({{static_cast<RowTable>(table), key}, made.replaces, made.content});
    }
  std::ranges::sort(changes, {}, &RowChange::name);
  return changes;
}

WantedRows RowView::touched() const {
  WantedRows touched;
  for (const RowName& name : touched_) touched.add(name);
  return touched;
}

void RowView::keep_batch(RowStamp stamp) {
  for (std::size_t table = 0; table < batch_.size(); ++table)
    for (auto& [key, made] : batch_[table])
      cache_.wrote({static_cast<RowTable>(table), key}, std::move(made.content), is_nothing(made) ? 0 : stamp);
  for (const RowName& name : passed_on_) cache_.forget(name);
  undo_batch_.clear();
  batch_ = {};
}

void RowView::drop_batch() {
  undo(undo_batch_);
  batch_ = {};
}

// --- single rows ----------------------------------------------------------------------------------------------------

const RowView::Change* RowView::changed(const RowName& name) const {
  const auto& of_task = task_[index_of(name.table)];
  if (const auto at = of_task.find(name.key); at != of_task.end()) return &at->second;
  const auto& of_batch = batch_[index_of(name.table)];
  const auto at = of_batch.find(name.key);
  return at == of_batch.end() ? nullptr : &at->second;
}

bool RowView::is_known(const RowName& name) { return changed(name) != nullptr || cache_.find(name) != nullptr; }

bool RowView::is_of_round(const RowName& name) {
  const RowCache::Known* known = changed(name) != nullptr ? nullptr : cache_.find(name);
  return known == nullptr || known->round == cache_.round();
}

void RowView::want_again(const RowName& name) {
  wanted_.add(name);
  throw Unread();
}

bool RowView::want_all(const std::vector<RowName>& names) {
  bool is_all_known = true;
  for (const RowName& name : names) {
    if (is_known(name)) continue;
    wanted_.add(name);
    is_all_known = false;
  }
  return is_all_known;
}

bool RowView::want_new(const RowName& name) {
  if (is_known(name) && is_of_round(name)) return true;
  wanted_.add(name);
  return false;
}

void RowView::read_all(const std::vector<RowName>& names) {
  if (!want_all(names)) throw Unread();
}

const RowContent* RowView::read(const RowName& name) {
  touched_.insert(name);
  if (const Change* made = changed(name)) return made->content ? &*made->content : nullptr;
  const RowCache::Known* known = cache_.find(name);
  if (known == nullptr) {
    wanted_.add(name);
    throw Unread();
  }
  if (known->round != cache_.round() && !RowCache::is_whole(name.table)) old_rows_.add(name);
  return known->content ? &*known->content : nullptr;
}

const RowContent* RowView::read_new(const RowName& name) { return is_careful_ ? read(name) : read_drawn(name); }

const RowContent* RowView::read_drawn(const RowName& name) {
  if (is_known(name)) return read(name);
  touched_.insert(name);
  return nullptr;
}

std::optional<RowStamp> RowView::stamp_of(const RowName& name) {
  const RowCache::Known* known = cache_.find(name);
  return known == nullptr ? RowStamp{0} : known->stamp;
}

RowView::Change& RowView::change(const RowName& name, std::optional<RowStamp> replaces) {
  touched_.insert(name);
  auto& of_table = task_[index_of(name.table)];
  const auto [at, is_new] = of_table.try_emplace(name.key);
  if (is_new) at->second.replaces = replaces;
  return at->second;
}

void RowView::put(const RowName& name, RowContent content) {
  change(name, stamp_of(name)).content = std::move(content);
}
void RowView::erase(const RowName& name) { change(name, stamp_of(name)).content.reset(); }
void RowView::put_unseen(const RowName& name, RowContent content) {
  change(name, std::nullopt).content = std::move(content);
}
void RowView::erase_unseen(const RowName& name) { change(name, std::nullopt).content.reset(); }

WantedRows RowView::missing() {
  WantedRows missing;
  for (const RowName& name : wanted_.rows())
    if (!is_known(name)) missing.add(name);
  for (const auto& [range, limit] : wanted_.ranges()) {
    const auto at = ranges_.find(range);
    if (at == ranges_.end() || at->second.limit < limit) missing.add(range, limit);
  }
  return missing;
}

// --- ranges ---------------------------------------------------------------------------------------------------------

void RowView::want(const RowRange& range, std::size_t limit) {
  wanted_.add(range, limit);
  throw Unread();
}

/// Rows of the store, less those that were changed, and those that were changed into the range.
std::vector<StoredRow> RowView::merged(const RowRange& range, const std::vector<StoredRow>& rows) const {
  std::vector<StoredRow> all;
  for (const StoredRow& row : rows)
    if (changed({range.table, row.key}) == nullptr) all.push_back(row);
  const auto add = [&](const std::string& key, const Change& made) {
    if (made.content && is_in(range, place_of(range, key, *made.content))) all.push_back({key, *made.content, 0});
  };
  const auto& of_task = task_[index_of(range.table)];
  for (const auto& [key, made] : of_task) add(key, made);
  for (const auto& [key, made] : batch_[index_of(range.table)])
    if (!of_task.contains(key)) add(key, made);
  std::ranges::sort(all, [&](const StoredRow& a, const StoredRow& b) {
    const auto first = place_of(range, a.key, a.content), second = place_of(range, b.key, b.content);
    const bool is_before = first != second ? first < second : a.key < b.key;
    return range.is_backwards ? !is_before : is_before;
  });
  return all;
}

std::vector<StoredRow> RowView::read_whole(const RowRange& range, std::size_t limit) {
  if (!cache_.forgotten_things().empty()) {
    std::vector<RowName> forgotten;
    for (const std::string& key : cache_.forgotten_things()) forgotten.push_back({range.table, key});
    read_all(forgotten);
  }
  std::vector<StoredRow> rows;
  const auto& things = cache_.things();
  for (auto at = things.lower_bound(range.from); at != things.end() && is_in(range, at->first); ++at)
    rows.push_back({at->first, *at->second.content, at->second.stamp});
  auto all = merged(range, rows);
  if (all.size() > limit) all.resize(limit);
  return all;
}

/// Of a range of which more rows may follow those that were fetched, nothing is known beyond the last of these.
std::vector<StoredRow> RowView::read(const RowRange& range, std::size_t limit) {
  if (limit == 0) return {};
  if (RowCache::is_whole(range.table)) return read_whole(range, limit);
  const auto at = ranges_.find(range);
  if (at == ranges_.end()) want(range, std::max(limit, first_rows));
  const Fetched& fetched = at->second;
  wanted_.add(range, fetched.limit);
  auto all = merged(range, fetched.rows);
  if (!fetched.is_whole()) {
    const std::string last(place_of(range, fetched.rows.back().key, fetched.rows.back().content));
    std::erase_if(all, [&](const StoredRow& row) {
      const auto place = place_of(range, row.key, row.content);
      return range.is_backwards ? place < last : place > last;
    });
    if (all.size() < limit) want(range, std::max(limit, fetched.limit * 4));
  }
  if (all.size() > limit) all.resize(limit);
  return all;
}

}  // namespace xion
