#include "shared/row_cache.h"

#include <utility>

#include "shared/thing_feed.h"

namespace xion {
namespace {

/// As a rule rows of the others are written, and erased by whom they belong to, unread.
bool is_read_again(RowTable table) { return table != RowTable::outbox && table != RowTable::names; }

/// Of which each node has rows of its own.
bool is_of_one_node(RowTable table) {
  return table == RowTable::sums || table == RowTable::traffic || table == RowTable::decoys;
}

}  // namespace

void RowCache::begin_round(MonoTime now) {
  ++round_;
  now_ = now;
  passing_.clear();
  if (young_.size() >= rows_of_generation_) old_ = std::exchange(young_, {});
}

const RowCache::Known* RowCache::find(const RowName& name) {
  if (is_whole(name.table)) {
    if (forgotten_things().contains(name.key)) return nullptr;
    const auto at = things().find(name.key);
    const auto gone = gone_things_.find(name.key);
    absent_thing_ = {
        .content = {}, .stamp = gone == gone_things_.end() ? 0 : gone->second, .round = round_, .at = now_};
    return at == things().end() ? &absent_thing_ : &at->second;
  }
  auto at = young_.find(name);
  if (at == young_.end()) {
    const auto older = old_.find(name);
    if (older == old_.end()) {
      const auto passing = passing_.find(name);
      return passing == passing_.end() ? nullptr : &passing->second;
    }
    at = young_.insert(old_.extract(older)).position;
  }
  return is_over(name.table, at->second) ? nullptr : &at->second;
}

const RowContent* RowCache::remembered(const RowName& name) const {
  for (const Rows* rows : {&young_, &old_})
    if (const auto at = rows->find(name); at != rows->end() && at->second.content) return &*at->second.content;
  return nullptr;
}

bool RowCache::is_over(RowTable table, const Known& known) const {
  if (known.round == round_) return false;
  return kept_for_ && !is_of_one_node(table) && now_ - known.at > *kept_for_;
}

void RowCache::learn(RowName name, const std::optional<StoredRow>& row) {
  if (!row) return keep(name, {{}, 0, round_, now_});
  const bool is_gone = is_whole(name.table) && ThingFeed::is_gone(row->content);
  keep(name, {is_gone ? std::nullopt : std::optional(row->content), row->stamp, round_, now_});
}

void RowCache::wrote(const RowName& name, std::optional<RowContent> content, RowStamp stamp) {
  const bool is_row_there = content.has_value() || is_whole(name.table);
  keep(name, {std::move(content), is_row_there ? stamp : 0, round_, now_});
}

void RowCache::keep(const RowName& name, Known known) {
  if (is_whole(name.table)) {
    forgotten_things_.erase(name.key);
    gone_things_.erase(name.key);
    if (known.content) {
      things_.insert_or_assign(name.key, std::move(known));
    } else {
      things_.erase(name.key);
      if (known.stamp != 0) gone_things_.emplace(name.key, known.stamp);
    }
    return;
  }
  if (known.content && is_read_again(name.table)) {
    passing_.erase(name);
    young_.insert_or_assign(name, std::move(known));
    return;
  }
  young_.erase(name);
  old_.erase(name);
  passing_.insert_or_assign(name, std::move(known));
}

void RowCache::forget(const RowName& name) {
  if (is_whole(name.table)) {
    things_.erase(name.key);
    gone_things_.erase(name.key);
    forgotten_things_.insert(name.key);
    return;
  }
  young_.erase(name);
  old_.erase(name);
  passing_.erase(name);
}

void RowCache::forget_all() {
  passing_.clear();
  young_.clear();
  old_.clear();
  things_.clear();
  gone_things_.clear();
  forgotten_things_.clear();
}

}  // namespace xion
