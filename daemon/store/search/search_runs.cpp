#include "store/search/search_runs.h"

#include <algorithm>

#include "base/octets.h"
#include "store/otp_key.h"

namespace xion {
namespace {

constexpr std::uint8_t run_format = 1;
constexpr std::size_t rows_erased_at_once = 16;

}  // namespace

std::optional<SearchRuns::Run> SearchRuns::run_from_row(std::uint32_t number, std::string_view row) {
  OctetReader in(row);
  if (in.u8() != run_format) return std::nullopt;
  Run run{number, in.u8(), {}, {}};
  const auto oldest = in.raw(OtpId::size), newest = in.raw(OtpId::size);
  if (in.failed() || !in.at_end()) return std::nullopt;
  run.oldest = otp_id_of(oldest);
  run.newest = otp_id_of(newest);
  return run;
}

void SearchRuns::load() {
  runs_.clear();
  garbage_.clear();
  merge_.reset();
  kv_.scan(Table::search_runs, {}, [&](std::string_view key, std::string_view row) {
    if (const auto run = run_from_row(from_big_endian<std::uint32_t>(key), row)) runs_.push_back(*run);
    return true;
  });
  std::ranges::sort(runs_, {}, &Run::newest);
  find_garbage();
}

/// Rows of runs that no longer are, or never came to be.
void SearchRuns::find_garbage() {
  std::string from;
  for (bool is_over = false; !is_over;) {
    is_over = true;
    kv_.scan(Table::search_entries, from, [&](std::string_view key, std::string_view) {
      const auto number = from_big_endian<std::uint32_t>(key.substr(0, sizeof(std::uint32_t)));
      if (std::ranges::find(runs_, number, &Run::number) == runs_.end()) garbage_.push_back(number);
      from = BigEndian(number + 1).view();
      is_over = false;
      return false;
    });
  }
}

void SearchRuns::put(const Run& run) {
  std::string row;
  OctetWriter out(row);
  out.u8(run_format);
  out.u8(run.level);
  out.raw(as_text(run.oldest.octets));
  out.raw(as_text(run.newest.octets));
  kv_.put(Table::search_runs, BigEndian(run.number).view(), row);
  runs_.push_back(run);
  std::ranges::sort(runs_, {}, &Run::newest);
}

void SearchRuns::erase(std::uint32_t number) {
  kv_.erase(Table::search_runs, BigEndian(number).view());
  std::erase_if(runs_, [&](const Run& run) { return run.number == number; });
  garbage_.push_back(number);
}

void SearchRuns::add(std::uint32_t number, Entries entries) {
  for (std::size_t kind = 0; kind < search_kinds; ++kind) {
    std::ranges::sort(entries.of[kind]);
    RunWriter writer(kv_, number, static_cast<SearchKind>(kind));
    for (const SearchEntry& entry : entries.of[kind]) writer.add(entry);
    writer.finish();
  }
  put({number, 0, entries.oldest, entries.newest});
}

void SearchRuns::collect(SearchKind kind, std::uint32_t hash, std::optional<OtpId> before, const OtpId& oldest,
                         NewestIds& found) {
  OtpId after_all;
  after_all.octets.fill(0xFF);
  const SearchEntry end{hash, before.value_or(after_all)};
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (before && run->oldest >= *before) continue;
    if (run->newest < oldest || found.is_settled(run->newest)) break;
    const std::string prefix = run_prefix(run->number, kind);
    std::string key = prefix;
    append_entry(key, end);
    std::size_t left = found.limit();
    kv_.scan_back(Table::search_entries, key, [&](std::string_view at, std::string_view row) {
      if (!at.starts_with(prefix)) return false;
      std::size_t low = 0, high = entries_in(row);
      while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (entry_at(row, middle) < end)
          low = middle + 1;
        else
          high = middle;
      }
      for (; low-- > 0 && left > 0; --left) {
        const SearchEntry entry = entry_at(row, low);
        if (entry.hash != hash || entry.id < oldest) return false;
        found.add(entry.id);
      }
      return left > 0;
    });
  }
}

bool SearchRuns::step() {
  if (!merge_) begin_merge();
  if (!merge_) return erase_some();
  if (merge_->step(sizes_.step_entries))
    end_merge();
  else
    erase_some();
  return true;
}

void SearchRuns::begin_merge() {
  std::array<std::vector<std::uint32_t>, 16> of_level;
  for (const Run& run : runs_) {
    auto& inputs = of_level[std::min<std::size_t>(run.level, of_level.size() - 1)];
    inputs.push_back(run.number);
    if (inputs.size() < sizes_.fan_in) continue;
    merge_ = std::make_unique<RunMerge>(kv_, last_number() + 1, std::move(inputs));
    return;
  }
}

void SearchRuns::end_merge() {
  Run output{merge_->output(), 0, {}, {}};
  output.oldest.octets.fill(0xFF);
  for (const std::uint32_t input : merge_->inputs()) {
    const auto run = std::ranges::find(runs_, input, &Run::number);
    output.level = std::max(output.level, run->level);
    output.oldest = std::min(output.oldest, run->oldest);
    output.newest = std::max(output.newest, run->newest);
    erase(input);
  }
  ++output.level;
  put(output);
  merge_.reset();
}

bool SearchRuns::erase_some() {
  if (garbage_.empty()) return false;
  std::vector<std::string> keys;
  const BigEndian number(garbage_.front());
  kv_.scan(Table::search_entries, number.view(), [&](std::string_view key, std::string_view) {
    if (!key.starts_with(number.view())) return false;
    keys.emplace_back(key);
    return keys.size() < rows_erased_at_once;
  });
  for (const std::string& key : keys) kv_.erase(Table::search_entries, key);
  if (keys.size() < rows_erased_at_once) garbage_.pop_front();
  return true;
}

void SearchRuns::forget_before(const OtpId& oldest) {
  const auto is_merged = [this](const Run& run) {
    return merge_ != nullptr && std::ranges::find(merge_->inputs(), run.number) != merge_->inputs().end();
  };
  while (!runs_.empty() && runs_.front().newest < oldest && !is_merged(runs_.front())) erase(runs_.front().number);
}

std::optional<OtpId> SearchRuns::newest() const {
  return runs_.empty() ? std::nullopt : std::optional(runs_.back().newest);
}

std::uint32_t SearchRuns::last_number() {
  std::uint32_t last = merge_ != nullptr ? merge_->output() : 0;
  for (const Run& run : runs_) last = std::max(last, run.number);
  kv_.scan_back(Table::search_entries, {}, [&](std::string_view key, std::string_view) {
    last = std::max(last, from_big_endian<std::uint32_t>(key.substr(0, sizeof(std::uint32_t))));
    return false;
  });
  return last;
}

}  // namespace xion
