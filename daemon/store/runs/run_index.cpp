#include "store/runs/run_index.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/log.h"
#include "store/engine_marks.h"
#include "store/otp_key.h"

namespace xion {
namespace {

/// As in a run's row: none takes an overflow page.
constexpr std::size_t entries_in_log_row = run_entries_in_row;

bool has_number(const std::vector<std::uint32_t>& numbers, std::uint32_t number) {
  return std::ranges::find(numbers, number) != numbers.end();
}

}  // namespace

bool is_readable_index_row(Table table, std::string_view key, std::string_view row) {
  constexpr std::size_t number_octets = sizeof(std::uint32_t);
  if (table == Table::index_runs) return key.size() == number_octets && IndexRun::of_row(0, row).has_value();
  if (table == Table::index_filters) return key.size() == 2 * number_octets && RunFilter::is_readable(row);
  if (table == Table::index_log) return key.size() == sizeof(std::uint64_t) && row.size() % RunEntry::octets == 0;
  return key.size() == number_octets + RunEntry::octets && !row.empty() && row.size() % RunEntry::octets == 0;
}

void RunIndex::clear() {
  near_.clear();
  frozen_.clear();
  sealing_.reset();
  sealed_until_.reset();
  added_.clear();
  merge_.reset();
  runs_.clear();
  garbage_.clear();
  frozen_log_ = last_log_ = sealed_log_ = 0;
  has_sealed_log_ = false;
  last_number_ = 0;
  since_step_ = log_rows_since_step_ = 0;
  filter_room_ = sizes_.filter_octets;
}

void RunIndex::load() {
  clear();
  kv_.scan(Table::index_runs, {}, [&](std::string_view key, std::string_view row) {
    if (auto run = IndexRun::of_row(from_big_endian<std::uint32_t>(key), row)) runs_.push_back(std::move(*run));
    return true;
  });
  load_filters();
  find_garbage();
  load_log();
}

void RunIndex::load_filters() {
  // The small ones first: most looks are for what is new, and a look asks them all.
  std::ranges::sort(runs_, {}, &IndexRun::entries);
  for (IndexRun& run : runs_) {
    last_number_ = std::max(last_number_, run.number);
    const BigEndian prefix(run.number);
    std::size_t room = filter_room_;
    kv_.scan(Table::index_filters, prefix.view(), [&](std::string_view key, std::string_view row) {
      if (!key.starts_with(prefix.view()) || !RunFilter::is_readable(row)) return false;
      const bool has_room = room >= RunFilter::group_octets;
      if (has_room) room -= RunFilter::group_octets;
      run.filter.add_group(from_big_endian<std::uint64_t>(row.substr(0, sizeof(std::uint64_t))),
                           has_room ? row.substr(sizeof(std::uint64_t)) : std::string_view());
      return true;
    });
    measure_filters();
  }
}

/// Rows of runs that no longer are, or never came to be.
void RunIndex::find_garbage() {
  for (const Table table : {Table::index_entries, Table::index_filters}) {
    std::string from;
    for (bool is_over = false; !is_over;) {
      is_over = true;
      kv_.scan(table, from, [&](std::string_view key, std::string_view) {
        const auto number = from_big_endian<std::uint32_t>(key.substr(0, sizeof(std::uint32_t)));
        last_number_ = std::max(last_number_, number);
        const bool is_run = std::ranges::find(runs_, number, &IndexRun::number) != runs_.end();
        if (!is_run && std::ranges::find(garbage_, number) == garbage_.end()) garbage_.push_back(number);
        from = BigEndian(number + 1).view();
        is_over = false;
        return false;
      });
    }
  }
}

void RunIndex::load_log() {
  if (const auto kept = kv_.get(Table::meta, sealed_log_key)) sealed_log_ = from_big_endian<std::uint64_t>(*kept);
  last_log_ = frozen_log_ = sealed_log_;
  has_sealed_log_ = true;  // Maybe: the first look tells.
  std::vector<RunEntry> entries;
  kv_.scan(Table::index_log, BigEndian(sealed_log_ + 1).view(), [&](std::string_view key, std::string_view row) {
    last_log_ = from_big_endian<std::uint64_t>(key);
    for (std::size_t i = 0; i < run_entries_in(row); ++i) entries.push_back(run_entry_at(row, i));
    return true;
  });
  std::ranges::sort(entries);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (; i + 1 < entries.size() && entries[i + 1].adds_to(entries[i]); ++i)
      entries[i + 1].value = sum_of(entries[i].value, entries[i + 1].value);
    near_.insert(entries[i]);
  }
}

void RunIndex::begin(WallTime now) {
  now_ = now;
  added_.clear();
}

void RunIndex::add(const RunEntry& entry) {
  if (entry.over_at() >= now_ && near_.insert(entry)) added_.push_back(entry);
}

void RunIndex::collect(const IndexRun& run, const RunEntry& first, const RunEntry& last, std::size_t limit,
                       std::vector<RunEntry>& found) const {
  if (!run.filter.may_have(kv_, run.number, last.name)) return;
  const BigEndian prefix(run.number);
  // `last` itself is no entry, so that nothing is lost by looking before it.
  kv_.scan_back(Table::index_entries, index_run_key(run.number, last), [&](std::string_view key, std::string_view row) {
    if (!key.starts_with(prefix.view())) return false;
    std::size_t low = 0, high = run_entries_in(row);
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (run_entry_at(row, middle) < last)
        low = middle + 1;
      else
        high = middle;
    }
    for (; low-- > 0 && limit > 0; --limit) {
      const RunEntry entry = run_entry_at(row, low);
      if (entry < first) return false;
      found.push_back(entry);
    }
    return limit > 0;
  });
}

void RunIndex::collect(std::uint64_t name, RunKind kind, WallTime since, std::size_t limit,
                       std::vector<RunEntry>& found) const {
  since = std::max(since, now_ - window_of(kind));
  const RunEntry first = RunEntry::of(name, kind, since, 0);
  const RunEntry last{name, (static_cast<std::uint64_t>(kind) + 1) << RunEntry::time_bits, 0};
  const std::size_t before = found.size();
  std::size_t sources = 0;
  auto count_source = [&, known = before]() mutable {
    sources += found.size() > known ? 1 : 0;
    known = found.size();
  };
  near_.collect(first, last, limit, found);
  count_source();
  if (!frozen_.empty()) frozen_.collect(first, last, limit, found);
  count_source();
  for (const IndexRun& run : runs_) {
    if (run.newest < since) continue;
    collect(run, first, last, limit, found);
    count_source();
  }
  if (sources < 2) return;
  const auto begin = found.begin() + static_cast<std::ptrdiff_t>(before);
  std::sort(begin, found.end(), std::greater<>());
  // Parts of a sum may be alike.
  if (kind != RunKind::traffic) found.erase(std::unique(begin, found.end()), found.end());
  if (found.size() - before > limit) found.resize(before + limit);
}

void RunIndex::flush() {
  write_log();
  if (near_.size() >= sizes_.near_entries) {
    // The steps below have sealed the last one long before, unless a transaction was longer than many others.
    while (!frozen_.empty()) seal_some();
    freeze();
  }
  for (; since_step_ >= sizes_.step_entries; since_step_ -= sizes_.step_entries) {
    if (step()) continue;
    since_step_ = 0;
    break;
  }
}

void RunIndex::write_log() {
  if (added_.empty()) return;
  std::ranges::sort(added_);
  std::string row;
  const auto write = [&] {
    kv_.put(Table::index_log, BigEndian(++last_log_).view(), row);
    ++log_rows_since_step_;
    row.clear();
  };
  for (std::size_t i = 0; i < added_.size(); ++i) {
    for (; i + 1 < added_.size() && added_[i + 1].adds_to(added_[i]); ++i)
      added_[i + 1].value = sum_of(added_[i].value, added_[i + 1].value);
    append_run_entry(row, added_[i]);
    if (run_entries_in(row) == entries_in_log_row) write();
  }
  if (!row.empty()) write();
  since_step_ += added_.size();
  added_.clear();
}

bool RunIndex::step() {
  drop_runs_that_are_over();
  bool has_worked = true;
  if (!frozen_.empty())
    seal_some();
  else if (merge_ || begin_merge())
    merge_some();
  else
    has_worked = load_some_filter();
  const bool has_erased_log = erase_some_of_log();
  const bool has_erased_run = erase_some_of_runs();
  return has_worked || has_erased_log || has_erased_run;
}

void RunIndex::settle() {
  while (step()) {
  }
}

bool RunIndex::erase_some() {
  constexpr Table made_of[] = {Table::index_runs, Table::index_entries, Table::index_filters, Table::index_log};
  for (const Table table : made_of)
    if (erase_some_rows(table, {})) return false;
  kv_.erase(Table::meta, sealed_log_key);
  return true;
}

void RunIndex::freeze() {
  std::swap(frozen_, near_);  // Which was empty.
  frozen_log_ = last_log_;
  sealed_until_.reset();
  sealing_.emplace(kv_, fresh_number(), std::uint8_t{0}, filter_room_);
}

void RunIndex::seal_some() {
  std::size_t left = sizes_.seal_entries;
  const bool is_all_sealed = frozen_.each_after(sealed_until_, [&](const RunEntry& entry) {
    if (left-- == 0) return false;
    if (entry.over_at() >= now_) sealing_->add(entry);
    sealed_until_ = entry;
    return true;
  });
  if (!is_all_sealed) return;
  // From here on the run has what the log had.
  add_run(sealing_->finish());
  sealing_.reset();
  frozen_.clear();
  sealed_log_ = frozen_log_;
  has_sealed_log_ = true;
  kv_.put(Table::meta, sealed_log_key, BigEndian(sealed_log_).view());
}

bool RunIndex::begin_merge() {
  std::array<std::vector<std::uint32_t>, 16> of_level;
  for (const IndexRun& run : runs_) {
    const std::uint8_t level = std::min<std::uint8_t>(run.level, of_level.size() - 1);
    of_level[level].push_back(run.number);
    if (of_level[level].size() < sizes_.fan_in) continue;
    IndexRunWriter writer(kv_, fresh_number(), static_cast<std::uint8_t>(level + 1), filter_room_);
    merge_ = std::make_unique<IndexRunMerge>(kv_, std::move(writer), std::move(of_level[level]));
    return true;
  }
  return false;
}

void RunIndex::merge_some() {
  if (!merge_->step(sizes_.merge_entries, now_)) return;
  IndexRun output = merge_->finish();
  const auto inputs = merge_->inputs();
  merge_.reset();
  for (const std::uint32_t input : inputs) drop_run(input);
  add_run(std::move(output));
}

void RunIndex::drop_runs_that_are_over() {
  for (std::size_t i = runs_.size(); i-- > 0;) {
    const IndexRun& run = runs_[i];
    const bool is_merged = merge_ && has_number(merge_->inputs(), run.number);
    if (run.over_at < now_ && !is_merged) drop_run(run.number);
  }
}

void RunIndex::add_run(IndexRun run) {
  runs_.push_back(std::move(run));
  measure_filters();
  if (log::is_enabled(log::Level::debug))
    log::debug("store.index.written", "level={} entries={} runs={} filter_octets={}", runs_.back().level,
               runs_.back().entries, runs_.size(), size().filter_octets);
}

void RunIndex::drop_run(std::uint32_t number) {
  kv_.erase(Table::index_runs, BigEndian(number).view());
  std::erase_if(runs_, [&](const IndexRun& run) { return run.number == number; });
  garbage_.push_back(number);
  measure_filters();
}

/// False: none is left.
bool RunIndex::erase_some_rows(Table table, std::string_view prefix) {
  std::vector<std::string> keys;
  kv_.scan(table, prefix, [&](std::string_view key, std::string_view) {
    if (!key.starts_with(prefix)) return false;
    keys.emplace_back(key);
    return keys.size() < sizes_.erased_rows;
  });
  for (const std::string& key : keys) kv_.erase(table, key);
  return keys.size() == sizes_.erased_rows;
}

bool RunIndex::erase_some_of_runs() {
  if (garbage_.empty()) return false;
  const BigEndian number(garbage_.front());
  if (!erase_some_rows(Table::index_entries, number.view()) && !erase_some_rows(Table::index_filters, number.view()))
    garbage_.pop_front();
  return true;
}

bool RunIndex::erase_some_of_log() {
  if (!has_sealed_log_) return false;
  // Small transactions have as many rows as entries: what goes must keep up with what comes.
  const std::size_t limit = sizes_.erased_rows + 2 * std::exchange(log_rows_since_step_, 0);
  std::vector<std::string> keys;
  kv_.scan(Table::index_log, {}, [&](std::string_view key, std::string_view) {
    if (from_big_endian<std::uint64_t>(key) > sealed_log_) return false;
    keys.emplace_back(key);
    return keys.size() < limit;
  });
  for (const std::string& key : keys) kv_.erase(Table::index_log, key);
  has_sealed_log_ = keys.size() == limit;
  return !keys.empty();
}

/// Where filters had no room in memory and now there is some.
bool RunIndex::load_some_filter() {
  constexpr std::size_t groups_at_once = 64;
  bool has_loaded = false;
  for (IndexRun& run : runs_) {
    for (std::size_t i = 0; i < groups_at_once; ++i) {
      const auto group = run.filter.missing_group();
      if (!group || filter_room_ < RunFilter::group_octets) break;
      const auto row = kv_.get(Table::index_filters, RunFilter::key(run.number, *group));
      if (!row || !RunFilter::is_readable(*row)) break;
      run.filter.load_group(row->substr(sizeof(std::uint64_t)));
      filter_room_ -= RunFilter::group_octets;
      has_loaded = true;
    }
    if (has_loaded) return true;
  }
  return false;
}

std::uint32_t RunIndex::fresh_number() { return ++last_number_; }

void RunIndex::measure_filters() {
  std::size_t used = 0;
  for (const IndexRun& run : runs_) used += run.filter.octets();
  filter_room_ = sizes_.filter_octets - std::min(used, sizes_.filter_octets);
}

RunIndex::Size RunIndex::size() const {
  Size size{near_.size() + frozen_.size(), runs_.size(), 0, 0};
  for (const IndexRun& run : runs_) {
    size.run_entries += run.entries;
    size.filter_octets += run.filter.octets();
  }
  return size;
}

}  // namespace xion
