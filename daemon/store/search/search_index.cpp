#include "store/search/search_index.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/octets.h"
#include "core/otp/otp_record.h"
#include "core/otp/search_names.h"
#include "store/engine_marks.h"
#include "store/otp_key.h"

namespace xion {
namespace {

constexpr std::size_t segments_forgotten_at_once = 4;

}  // namespace

bool is_readable_search_row(Table table, std::string_view key, std::string_view row) {
  constexpr std::size_t number_octets = sizeof(std::uint32_t);
  if (table == Table::search_segments) return key.size() == number_octets && SearchSegments::is_readable(row);
  if (table == Table::search_blocks) return key.size() == number_octets + 1 && SearchBlockView::of(row).has_value();
  if (table == Table::search_runs) return key.size() == number_octets && SearchRuns::is_readable(row);
  if (table == Table::search_entries) return entries_in(row) > 0;
  if (table == Table::search_changes) return key.size() == OtpId::size && row.size() == sizeof(SearchClass);
  return key.size() == OtpId::size;
}

void SearchIndex::load() {
  tail_.clear();
  segments_.load();
  runs_.load();
  inserted_ = 0;
  // What only one of them has was never sealed: both come in one commit.
  sealed_until_ = std::max(segments_.newest(), runs_.newest());
  read_hash_key();
  read_strays();
}

void SearchIndex::prepare(Kv& kv) {
  const SipHash::Key key = SipHash::random_key();
  kv.put(Table::meta, hash_key_name, {reinterpret_cast<const char*>(key.data()), sizeof key});
}

void SearchIndex::read_hash_key() {
  const auto kept = kv_.get(Table::meta, hash_key_name);
  SipHash::Key key{};
  if (kept && kept->size() == sizeof key) std::memcpy(key.data(), kept->data(), sizeof key);
  hash_ = SipHash(key);
}

void SearchIndex::read_strays() {
  std::vector<OtpId> ids;
  kv_.scan(Table::search_strays, {}, [&](std::string_view key, std::string_view) {
    ids.push_back(otp_id_of(key));
    return true;
  });
  strays_ = ids.size();
  for (const OtpId& id : ids) {
    const auto record = kv_.get(Table::otps, as_text(id.octets));
    if (const auto otp = record ? from_record(id, *record) : std::nullopt) tail_.insert(row_of(*otp));
  }
}

/// Its first octets: it is a keyed hash.
std::uint32_t SearchIndex::hash_of(const Fingerprint& phone) {
  return std::max(from_big_endian<std::uint32_t>(as_text(phone).substr(0, sizeof(std::uint32_t))), std::uint32_t{1});
}

std::uint32_t SearchIndex::hash_of(AppId app, std::string_view reference) const {
  std::string hashed(BigEndian<AppId>(app).view());
  hashed += reference;
  return std::max(from_big_endian<std::uint32_t>(as_text(hash_(hashed).octets).substr(0, sizeof(std::uint32_t))),
                  std::uint32_t{1});
}

SearchTail::Row SearchIndex::row_of(const Otp& otp) const {
  SearchTail::Row row{
      otp.id, search_class(otp), {hash_of(otp.phone), otp.reference.empty() ? 0 : hash_of(otp.app, otp.reference)}, {}};
  for (const std::string& name : search_names(otp)) {
    const std::uint32_t hash = hash_of(otp.app, name);
    if (std::ranges::find(row.names, hash) == row.names.end()) row.names.push_back(hash);
  }
  return row;
}

void SearchIndex::restore(const Otp& otp) {
  if (!sealed_until_ || otp.id > *sealed_until_) tail_.insert(row_of(otp));
}

void SearchIndex::insert(const Otp& otp) {
  if (sealed_until_ && otp.id <= *sealed_until_) {  // The clock was set back.
    kv_.put(Table::search_strays, as_text(otp.id.octets), {});
    ++strays_;
  }
  const SearchTail::Row row = row_of(otp);
  inserted_ += 1 + (row.names.size() + 1) / search_kinds;  // More entries are more to merge.
  tail_.insert(row);
}

void SearchIndex::set(const Otp& otp) {
  const SearchTail::Row row = row_of(otp);
  if (!tail_.set(row)) segments_.set(otp.id, row.of);
}

void SearchIndex::flush() {
  while (is_full()) seal();
  for (; inserted_ >= sizes_.step_inserts; inserted_ -= sizes_.step_inserts) {
    if (runs_.step()) continue;
    inserted_ = 0;
    break;
  }
  segments_.flush();
}

void SearchIndex::settle() {
  while (runs_.step()) {
  }
  inserted_ = 0;
}

void SearchIndex::seal() {
  const auto rows = tail_.take(sizes_.segment_requests);
  SearchRuns::Entries entries{rows.front().id, rows.back().id, {}};
  for (const SearchTail::Row& row : rows)
    for (std::size_t kind = 0; kind < search_kinds; ++kind)
      if (row.hashes[kind] != 0) entries.of[kind].push_back({row.hashes[kind], row.id});
  // Names lie among the references: no reference reads like one, and each is looked for by its own hash.
  for (const SearchTail::Row& row : rows)
    for (const std::uint32_t hash : row.names)
      entries.of[static_cast<std::size_t>(SearchKind::reference)].push_back({hash, row.id});
  const std::uint32_t number = std::max(segments_.last_number(), runs_.last_number()) + 1;
  segments_.add(number, rows);
  runs_.add(number, std::move(entries));
  sealed_until_ = std::max(sealed_until_, std::optional(rows.back().id));
  if (strays_ == 0) return;
  std::vector<std::string> sealed;
  kv_.scan(Table::search_strays, {}, [&](std::string_view key, std::string_view) {
    if (otp_id_of(key) > rows.back().id) return false;
    sealed.emplace_back(key);
    return true;
  });
  for (const std::string& key : sealed) kv_.erase(Table::search_strays, key);
  strays_ -= sealed.size();
}

std::optional<OtpId> SearchIndex::oldest_in_log() {
  std::optional<OtpId> oldest;
  kv_.scan(Table::otps, {}, [&](std::string_view key, std::string_view) {
    oldest = otp_id_of(key);
    return false;
  });
  return oldest;
}

void SearchIndex::forget_pruned() {
  const auto oldest = oldest_in_log();
  if (!oldest) return;
  segments_.forget_before(*oldest, segments_forgotten_at_once);
  runs_.forget_before(*oldest);
  runs_.step();
}

SearchIndex::Found SearchIndex::find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) {
  Found answer;
  const auto oldest = oldest_in_log();
  if (!oldest || limit == 0) return answer;
  NewestIds found(limit);
  if (filter.phone || (!filter.reference.empty() && filter.app)) {
    const SearchKind kind = filter.phone ? SearchKind::phone : SearchKind::reference;
    const std::uint32_t hash = filter.phone ? hash_of(*filter.phone) : hash_of(*filter.app, filter.reference);
    tail_.collect(kind, hash, before, found);
    runs_.collect(kind, hash, before, *oldest, found);
  } else if (!filter.name.empty() && filter.app) {
    const std::uint32_t hash = hash_of(*filter.app, filter.name);
    tail_.collect_named(hash, before, found);
    runs_.collect(SearchKind::reference, hash, before, *oldest, found);
  } else {
    const ClassFilter wanted = class_filter(filter);
    tail_.collect(wanted, before, found);
    answer.rest = segments_.collect(wanted, before, *oldest, found);
  }
  answer.ids = found.take();
  if (answer.rest) std::erase_if(answer.ids, [&](const OtpId& id) { return id < *answer.rest; });
  if (answer.ids.size() == limit) answer.rest = answer.ids.back();
  return answer;
}

}  // namespace xion
