#include "store/near/near_kv.h"

#include <algorithm>

#include "base/log.h"
#include "store/near/near_journal.h"
#include "store/otp_key.h"

namespace xion {
namespace {

constexpr std::array written_at_once{Table::meta,          Table::search_segments, Table::search_blocks,
                                     Table::search_runs,   Table::search_entries,  Table::index_runs,
                                     Table::index_entries, Table::index_filters,   Table::journal};
constexpr std::array<bool, table_count> is_at_once = [] {
  std::array<bool, table_count> is{};
  for (const Table table : written_at_once) is[static_cast<std::size_t>(table)] = true;
  return is;
}();

/// A row that is folded or erased costs this beside its octets.
constexpr std::size_t row_cost_octets = 64;
/// By one of the transactions of `fold_all`.
constexpr std::size_t all_at_once_octets = std::size_t{16} << 20;
/// What a row of the journal is taken to be when it is erased.
constexpr std::size_t journal_row_octets = 2'048;

}  // namespace

bool NearKv::is_written_at_once(Table table) { return is_at_once[static_cast<std::size_t>(table)]; }

void NearKv::tick() {
  active_ticks_ = next_ == frozen_end_ ? 0 : active_ticks_ + 1;
  freeze();
  has_ticked_ = is_busy();
}

std::size_t NearKv::memory_octets(const Tables& layer) {
  std::size_t octets = 0;
  for (const NearRows& rows : layer) octets += rows.memory_octets();
  return octets;
}

void NearKv::fold_all() {
  begin();
  abort();
  while (has_put_off()) {
    if (!is_busy()) freeze_now();
    begin();
    owed_octets_ = all_at_once_octets;
    has_ticked_ = true;
    commit();
  }
}

void NearKv::begin() {
  below_.begin();
  begun();
}

void NearKv::begin_reading() {
  below_.begin_reading();
  is_reading_ = true;
  begun();
}

void NearKv::begun() {
  ++transaction_;
  if (!is_stale_) return;
  try {
    replay();
  } catch (...) {
    abort();
    throw;
  }
}

void NearKv::replay() {
  for (NearRows& rows : active_) rows.clear();
  for (NearRows& rows : frozen_) rows.clear();
  for (auto& key : last_keys_) key.reset();
  is_folding_ = false;
  active_ticks_ = 0;
  active_journal_octets_ = 0;
  owed_octets_ = 0;
  unreadable_rows_ = 0;
  Number first = 0, last = 0;
  below_.scan(Table::journal, {}, [&](std::string_view key, std::string_view row) {
    last = from_big_endian<Number>(key);
    if (first == 0) first = last;
    active_journal_octets_ += row.size();
    replay_row(row);
    return true;
  });
  first_ = frozen_end_ = std::max(first, first_number);
  next_ = std::max(last + 1, first_);
  find_what_is_below();
  is_stale_ = false;
}

void NearKv::replay_row(std::string_view row) {
  const bool is_whole =
      read_journal_row(row, [&](Table table, std::string_view key, std::optional<std::string_view> value) {
        NearRows& rows = of(active_, table);
        NearRow::Owner now = NearRow::make(key, value.value_or(std::string_view{}));
        now->is_erased = !value;
        rows.put(std::move(now));
      });
  if (is_whole) return;
  if (unreadable_rows_++ == 0) log::error("store.journal.unreadable", "octets={}", row.size());
}

/// In the order of keys, so that pages are read once.
void NearKv::find_what_is_below() {
  for (std::size_t i = 0; i < table_count; ++i) {
    const auto table = static_cast<Table>(i);
    NearRows& rows = active_[i];
    if (rows.empty()) continue;
    const std::string last = last_key_below(table);
    rows.change_each(
        [&](NearRow& row) { row.is_below = row.key() <= last && below_.get(table, row.key()).has_value(); });
    rows.erase_if([](const NearRow& row) { return row.is_erased && !row.is_below; });
  }
}

std::string NearKv::last_key_below(Table table) {
  std::string last;
  below_.scan_back(table, {}, [&](std::string_view key, std::string_view) {
    last = key;
    return false;
  });
  return last;
}

bool NearKv::has_written() const { return !changes_.empty() || below_.has_written() || has_ticked_; }

void NearKv::commit() {
  try {
    const Step step = write_step();
    below_.commit();
    settle(step);
  } catch (const MapFull&) {  // Nothing of it was written.
    abort();
    throw;
  } catch (...) {
    abort();
    is_stale_ = true;
    throw;
  }
}

void NearKv::abort() noexcept {
  below_.abort();
  undo();
}

void NearKv::undo() noexcept {
  for (; !changes_.empty(); changes_.pop_back()) {
    Change& change = changes_.back();
    NearRows& rows = of(active_, change.table);
    if (change.before)
      rows.replace(std::move(change.before));
    else
      rows.erase(change.row->key());
  }
  is_reading_ = false;
}

/// What belongs to the commit beside the tables that are written at once.
NearKv::Step NearKv::write_step() {
  Step step;
  step.next = next_;
  step.first = first_;
  write_journal(step);
  if (!is_busy()) return step;
  std::size_t octets = owed_octets_ + step.journal_octets * limits_.fold_factor;
  if (has_ticked_) octets = std::max(octets, limits_.tick_octets);
  // Where folding did not keep up, it does now.
  if (memory_octets(active_) + memory_octets(frozen_) > 2 * limits_.memory_octets ||
      active_journal_octets_ > 2 * limits_.journal_octets)
    octets = std::numeric_limits<std::size_t>::max();
  if (octets < limits_.step_octets) return step;
  if (is_folding_)
    fold(step, octets);
  else
    erase_journal(step, octets);
  return step;
}

void NearKv::write_journal(Step& step) {
  JournalWriter writer([&](std::string_view row) {
    below_.put(Table::journal, BigEndian(step.next).view(), row);
    ++step.next;
    step.journal_octets += row.size();
  });
  for (const Change& change : changes_)
    writer.add(change.table, change.row->key(),
               change.row->is_erased ? std::nullopt : std::optional(change.row->value()));
  writer.finish();
}

void NearKv::fold(Step& step, std::size_t octets) {
  step.is_all_folded = true;
  for (std::size_t i = 0; i < table_count && step.is_all_folded; ++i) {
    std::size_t count = 0;
    auto at = NearRows::Cursor::up(frozen_[i], {});
    for (; at.row() != nullptr && octets > 0; at.next(), ++count) {
      const NearRow& row = *at.row();
      if (row.is_erased)
        below_.erase(static_cast<Table>(i), row.key());
      else
        below_.put(static_cast<Table>(i), row.key(), row.value());
      octets -= std::min(octets, row.key().size() + row.value().size() + row_cost_octets);
    }
    if (count > 0) step.folded.emplace_back(static_cast<Table>(i), count);
    step.is_all_folded = at.row() == nullptr;
  }
}

void NearKv::erase_journal(Step& step, std::size_t octets) {
  for (; step.first < frozen_end_ && octets > 0; ++step.first) {
    below_.erase(Table::journal, BigEndian(step.first).view());
    octets -= std::min(octets, journal_row_octets);
  }
}

/// The commit has come about.
void NearKv::settle(const Step& step) {
  for (Change& change : changes_)
    if (change.row->is_erased && !change.row->is_below) of(active_, change.table).erase(std::string(change.row->key()));
  changes_.clear();
  is_reading_ = false;
  for (const auto& [table, count] : step.folded) of(frozen_, table).erase_first(count);
  const bool has_worked = step.is_all_folded || !step.folded.empty() || step.first != first_;
  owed_octets_ = has_worked || !is_busy() ? 0 : owed_octets_ + step.journal_octets * limits_.fold_factor;
  if (step.is_all_folded) is_folding_ = false;
  next_ = step.next;
  first_ = step.first;
  active_journal_octets_ += step.journal_octets;
  has_ticked_ = false;
  freeze();
}

/// If it is time.
void NearKv::freeze() {
  if (is_busy() || next_ == frozen_end_) return;
  if (active_ticks_ < limits_.ticks && active_journal_octets_ < limits_.journal_octets &&
      memory_octets(active_) < limits_.memory_octets)
    return;
  freeze_now();
}

void NearKv::freeze_now() {
  std::swap(active_, frozen_);
  is_folding_ = true;
  frozen_end_ = next_;
  active_ticks_ = 0;
  active_journal_octets_ = 0;
  owed_octets_ = 0;
}

const NearRow* NearKv::near_row(Table table, std::string_view key) {
  const NearRow* const active = of(active_, table).find(key);
  return active == nullptr && is_folding_ ? of(frozen_, table).find(key) : active;
}

/// Most of what is new comes last: the disk need not be asked.
bool NearKv::is_after_all(Table table, std::string_view key) {
  auto& last = last_keys_[static_cast<std::size_t>(table)];
  if (!last) {
    last = last_key_below(table);
    for (Tables* tables : {&active_, &frozen_}) {
      const auto at = NearRows::Cursor::down(of(*tables, table), {});
      if (at.row() != nullptr && at.row()->key() > *last) last = std::string(at.row()->key());
    }
  }
  return key > *last;
}

bool NearKv::is_below(Table table, std::string_view key) {
  if (is_folding_) {
    if (const NearRow* row = of(frozen_, table).find(key)) return !row->is_erased;
  }
  return below_.get(table, key).has_value();
}

std::optional<std::string_view> NearKv::get(Table table, std::string_view key) {
  if (is_written_at_once(table)) return below_.get(table, key);
  const NearRow* const row = near_row(table, key);
  if (row == nullptr) return below_.get(table, key);
  return row->is_erased ? std::nullopt : std::optional(row->value());
}

void NearKv::put(Table table, std::string_view key, std::string_view value) {
  if (is_written_at_once(table)) return below_.put(table, key, value);
  write(table, key, value);
}

bool NearKv::insert(Table table, std::string_view key, std::string_view value) {
  if (is_written_at_once(table)) return below_.insert(table, key, value);
  if (!is_after_all(table, key) && get(table, key)) return false;
  write(table, key, value);
  return true;
}

bool NearKv::erase(Table table, std::string_view key) {
  if (is_written_at_once(table)) return below_.erase(table, key);
  return write(table, key, std::nullopt);
}

/// Whether there was one before.
bool NearKv::write(Table table, std::string_view key, std::optional<std::string_view> value) {
  NearRows& rows = of(active_, table);
  if (NearRow* const known = rows.find(key)) {
    const bool was_there = !known->is_erased;
    if (is_reading_) throw ReadOnly();
    if (was_there || value) set(table, *known, value);
    return was_there;
  }
  const bool is_last = is_after_all(table, key);
  const bool is_there = !is_last && is_below(table, key);
  if (!is_there && !value) return false;
  if (is_reading_) throw ReadOnly();
  NearRow::Owner row = NearRow::make(key, value.value_or(std::string_view{}));
  row->transaction = transaction_;
  row->change = static_cast<std::uint32_t>(changes_.size());
  row->is_erased = !value;
  row->is_below = is_there;
  if (is_last) last_keys_[static_cast<std::size_t>(table)] = std::string(key);
  changes_.push_back({table, row.get(), nullptr});
  rows.insert(std::move(row));
  return is_there;
}

/// Of a row that is here: in its place where this transaction wrote it already, else beside what it was.
void NearKv::set(Table table, NearRow& row, std::optional<std::string_view> value) {
  NearRows& rows = of(active_, table);
  const std::string_view octets = value.value_or(std::string_view{});
  const bool is_of_this = row.transaction == transaction_;
  const auto write = [&](NearRow& changed) {
    changed.is_erased = !value;
    changed.set(octets);
  };
  if (is_of_this && row.fits(octets.size())) return rows.change(row, write);
  NearRow::Owner next = NearRow::make(row.key(), octets);
  next->transaction = transaction_;
  next->is_erased = !value;
  next->is_below = row.is_below;
  NearRow* const now = next.get();
  if (is_of_this) {
    now->change = row.change;
    changes_[row.change].row = now;
    rows.replace(std::move(next));
  } else {
    now->change = static_cast<std::uint32_t>(changes_.size());
    changes_.push_back({table, now, nullptr});
    changes_.back().before = rows.replace(std::move(next));
  }
}

/// Rows that are near take the place of those below that have their key, and erased ones hide them.
void NearKv::scan_near(Table table, std::string_view key, bool is_up, Visit visit) {
  using Cursor = NearRows::Cursor;
  const auto cursor = [&](Tables& tables) {
    return is_up ? Cursor::up(of(tables, table), key) : Cursor::down(of(tables, table), key);
  };
  Cursor active = cursor(active_), frozen = cursor(frozen_);
  const auto is_before = [is_up](std::string_view a, std::string_view b) { return is_up ? a < b : a > b; };
  const auto next = [&]() -> const NearRow* {
    const NearRow *newer = active.row(), *older = frozen.row();
    if (older == nullptr) return newer;
    if (newer == nullptr || is_before(older->key(), newer->key())) return older;
    return newer;
  };
  const auto step = [&](const NearRow& row) {
    const std::string_view at = row.key();
    if (active.row() != nullptr && active.row()->key() == at) active.next();
    if (frozen.row() != nullptr && frozen.row()->key() == at) frozen.next();
  };
  bool goes_on = true;
  /// Those before a key below, or all that are left.
  const auto visit_before = [&](std::optional<std::string_view> end) {
    for (const NearRow* row = next(); goes_on && row != nullptr && (!end || is_before(row->key(), *end));
         row = next()) {
      step(*row);
      if (!row->is_erased) goes_on = visit(row->key(), row->value());
    }
  };
  const auto see_below = [&](std::string_view at, std::string_view value) {
    visit_before(at);
    if (!goes_on) return false;
    if (const NearRow* row = next(); row != nullptr && row->key() == at) {
      step(*row);
      return goes_on = row->is_erased || visit(at, row->value());
    }
    return goes_on = visit(at, value);
  };
  if (is_up)
    below_.scan(table, key, see_below);
  else
    below_.scan_back(table, key, see_below);
  visit_before(std::nullopt);
}

void NearKv::scan(Table table, std::string_view from, Visit visit) {
  if (is_written_at_once(table)) return below_.scan(table, from, visit);
  scan_near(table, from, true, visit);
}

void NearKv::scan_back(Table table, std::string_view before, Visit visit) {
  if (is_written_at_once(table)) return below_.scan_back(table, before, visit);
  scan_near(table, before, false, visit);
}

std::size_t NearKv::count(Table table) {
  const std::int64_t surplus = of(active_, table).surplus() + of(frozen_, table).surplus();
  return static_cast<std::size_t>(static_cast<std::int64_t>(below_.count(table)) + surplus);
}

}  // namespace xion
