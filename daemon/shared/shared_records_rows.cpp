// Things, rows that come with time, and what of them is in memory.
#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>
#include <variant>

#include "core/otp/retention.h"
#include "core/owners/list_entry.h"
#include "shared/shared_records.h"
#include "smpp/message_id.h"
#include "store/row_octets.h"
#include "store/webhook_rows.h"

namespace xion {
namespace {

constexpr std::size_t scanned_at_first = 64;
/// Of an event in the row of its subject.
using EventPlace = std::uint16_t;
static_assert(events_of_a_row <= std::numeric_limits<EventPlace>::max());
/// Rows that are looked up by are kept so much longer than anybody asks for them, and go with the notes.
constexpr std::chrono::hours slack{1};
/// Nobody is kept quiet by a notice for so long.
constexpr std::chrono::hours notice_kept{24};
/// Good days of a subject count for a fortnight after them.
constexpr std::chrono::days traffic_kept{17};

RowTable table_of(RowKind kind) {
  switch (kind) {
    case RowKind::parked: return RowTable::parked;
    case RowKind::unmatched: return RowTable::unmatched;
    case RowKind::answer: return RowTable::answers;
    case RowKind::note: return RowTable::events;
    case RowKind::waiting: return RowTable::waiting;
    case RowKind::over: return RowTable::over;
    case RowKind::audit: return RowTable::audit;
  }
  return RowTable::unmatched;
}

/// The orders in which a row is found besides by its id: what waits, by its node.
/// Deliveries by who is to try them.
std::array<std::string, row_sorts> sorts_of(RowKind kind, RowId id, NodeId node) {
  if (kind != RowKind::waiting) return {};
  return {std::string(1, static_cast<char>(node + 1)).append(BigEndian(id).view())};
}

/// Every id that a receipt may mean, in whatever base: the response that names one of them writes the same row, so that
/// of the two whoever comes second sees the other.
std::vector<RowName> carrier_ids_of(const StoredReceipt& receipt) {
  std::vector<RowName> names;
  for (const std::string* id : {&receipt.smsc_message_id, &receipt.other_id})
    for (const smpp::IdBase base : smpp::id_bases) {
      const auto meant = id->empty() ? std::nullopt : smpp::response_id_of(*id, base);
      if (meant) names.push_back(row_keys::carrier_id(receipt.carrier, *meant));
    }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool names_itself(const StoredReceipt& receipt, const RowName& id) {
  return row_keys::carrier_id(receipt.carrier, receipt.smsc_message_id) == id ||
         (!receipt.other_id.empty() && row_keys::carrier_id(receipt.carrier, receipt.other_id) == id);
}

}  // namespace

// --- a life of the node ---------------------------------------------------------------------------------------------

WantedRows SharedRecords::wanted_at_start(NodeId node) {
  WantedRows wanted;
  wanted.add(RowRange{.table = RowTable::things, .from = {}, .to = {}}, rows_without_end);
  wanted.add(row_keys::all_with(RowTable::waiting, std::string(1, static_cast<char>(node + 1)), 1), rows_without_end);
  wanted.add(RowRange{.table = RowTable::parked, .from = {}, .to = {}}, rows_without_end);
  return wanted;
}

void SharedRecords::open(NodeLife life, WallTime now, const std::vector<std::size_t>& counts) {
  life_ = life;
  begin(now);
  waiting_ = {};
  inherited_.clear();
  parked_of_.clear();
  counts_.clear();
  counts_[RowKind::unmatched] = counts.at(0);
  counts_[RowKind::over] = counts.at(1);
  const auto of_node = std::string(1, static_cast<char>(life.node + 1));
  for (const StoredRow& row : view_->read(row_keys::all_with(RowTable::waiting, of_node, 1), rows_without_end)) {
    const RowId id = row_keys::row_of(row.key);
    if (node_of(id) != life.node) inherited_.insert(id);
    add_waiting(id, row.content.record);
    ++counts_[RowKind::waiting];
  }
  for (const StoredRow& row : view_->read({.table = RowTable::parked, .from = {}, .to = {}}, rows_without_end)) {
    const auto receipt = receipt_from_row(row.content.record);
    if (receipt) ++parked_of_[receipt->carrier];
    ++counts_[RowKind::parked];
  }
  scan_things(ThingKind::list_entry, {}, [this](std::string_view key, std::string_view) {
    note_listed(key);
    return true;
  });
}

void SharedRecords::begin(WallTime now) {
  now_ = now;
  open_sums_.clear();
  answers_.clear();
  drawn_.clear();
}

// --- things ---------------------------------------------------------------------------------------------------------

std::optional<std::string> SharedRecords::thing(ThingKind kind, std::string_view key) {
  const RowContent* row = view_->read(row_keys::thing(kind, key));
  return row == nullptr ? std::nullopt : std::optional(row->record);
}

void SharedRecords::put_thing(ThingKind kind, std::string_view key, std::string_view record) {
  const RowName name = row_keys::thing(kind, key);
  view_->read(name);
  view_->put(name, {std::string(record)});
  if (kind == ThingKind::list_entry) note_listed(key);
  if (kind != ThingKind::webhook) return;
  are_webhooks_known_ = false;
  view_->on_undo([this] { are_webhooks_known_ = false; });
}

bool SharedRecords::erase_thing(ThingKind kind, std::string_view key) {
  const RowName name = row_keys::thing(kind, key);
  if (view_->read(name) == nullptr) return false;
  view_->erase(name);
  if (kind == ThingKind::webhook) {
    are_webhooks_known_ = false;
    view_->on_undo([this] { are_webhooks_known_ = false; });
  }
  return true;
}

void SharedRecords::scan_things(ThingKind kind, std::string_view prefix, VisitThing visit) {
  const RowName first = row_keys::thing(kind, prefix);
  const std::size_t kind_octets = first.key.size() - prefix.size();
  for (const StoredRow& row : view_->read(row_keys::all_with(first.table, first.key), rows_without_end))
    if (!visit(std::string_view(row.key).substr(kind_octets), row.content.record)) return;
}

void SharedRecords::things_from(ThingKind kind, std::string_view from, VisitThing visit) {
  const RowName all = row_keys::thing(kind, {});
  RowRange range = row_keys::all_with(all.table, all.key);
  range.from += from;
  in_pages(range, [&](const StoredRow& row) {
    return visit(std::string_view(row.key).substr(all.key.size()), row.content.record);
  });
}

const std::vector<Webhook>& SharedRecords::webhooks() {
  if (are_webhooks_known_) return webhooks_;
  webhooks_.clear();
  scan_things(ThingKind::webhook, {}, [this](std::string_view key, std::string_view record) {
    if (auto webhook = webhook_from_record(key, record)) webhooks_.push_back(std::move(*webhook));
    return true;
  });
  are_webhooks_known_ = true;
  return webhooks_;
}

void SharedRecords::thing_changed(std::string_view key) {
  are_webhooks_known_ = false;
  if (static_cast<ThingKind>(key.front()) == ThingKind::list_entry) note_listed(key.substr(1));
}

/// Lengths stay when their entries go: it says what there can be.
void SharedRecords::note_listed(std::string_view key) {
  constexpr std::size_t head = 6;  // kind, app, subject
  list_shape_.has_any = true;
  if (key.size() > head && key[head - 1] == static_cast<char>(ListSubject::prefix))
    list_shape_.prefix_lengths |= std::uint32_t{1} << std::min<std::size_t>(key.size() - head, 31);
}

// --- memory beside the rows -----------------------------------------------------------------------------------------

/// What goes may have been another node's.
void SharedRecords::count_rows(RowKind kind, int by) {
  if (by < 0 && counts_[kind] == 0) return;
  counts_[kind] += static_cast<std::size_t>(by);
  view_->on_undo([this, kind, by] { counts_[kind] -= static_cast<std::size_t>(by); });
}

void SharedRecords::add_waiting(RowId id, std::string_view octets) {
  const auto place = delivery_place_from_row(octets);
  if (!place || !is_ours(id)) return;
  waiting_.add_waiting(id, *place);
  view_->on_undo([this, id, row = std::string(octets)] { waiting_.erase_waiting(id, *delivery_place_from_row(row)); });
}

void SharedRecords::erase_waiting(RowId id, std::string_view octets) {
  const auto place = delivery_place_from_row(octets);
  if (!place || !is_ours(id)) return;
  waiting_.erase_waiting(id, *place);
  view_->on_undo([this, id, row = std::string(octets)] { waiting_.add_waiting(id, *delivery_place_from_row(row)); });
}

// --- rows -----------------------------------------------------------------------------------------------------------

void SharedRecords::put(RowKind kind, RowId id, const Row& row) {
  if (kind == RowKind::answer) return put_answer(id, std::get<KeptAnswer>(row));
  if (kind == RowKind::note) return add_event(std::get<Note>(row).key, std::get<Note>(row).entry);
  const RowName name = row_keys::row(table_of(kind), id);
  const RowContent* known = drawn_.contains(id) ? view_->read_drawn(name) : view_->read_new(name);
  const bool is_new = known == nullptr;
  if (!is_new && kind == RowKind::waiting) erase_waiting(id, std::string(known->record));
  std::string octets = to_octets(row);
  if (kind == RowKind::waiting) add_waiting(id, octets);
  view_->put(name, {std::move(octets), sorts_of(kind, id, inherited_.contains(id) ? life_.node : node_of(id))});
  if (!is_new) return;
  count_rows(kind, 1);
  if (kind == RowKind::parked) park(id, std::get<StoredReceipt>(row));
}

/// Under its key, so that of two nodes one finds what the other kept.
void SharedRecords::put_answer(RowId id, const KeptAnswer& kept) {
  const RowName name = row_keys::answer(kept.key);
  view_->read_new(name);
  const std::string order(BigEndian<RowId>(id).view());
  view_->put(name, {order + to_row(kept.key, kept.answer), {order}});
}

void SharedRecords::park(RowId id, const StoredReceipt& receipt) {
  auto& parked = parked_of_[receipt.carrier];
  ++parked;
  view_->on_undo([this, carrier = receipt.carrier] { --parked_of_[carrier]; });
  for (const RowName& name : carrier_ids_of(receipt)) {
    const RowContent* row = view_->read_new(name);
    CarrierIdRow ids = row == nullptr ? CarrierIdRow{} : carrier_id_row_from(row->record);
    ids.parked.push_back(id);
    view_->put(name, {to_row(ids), {row_keys::moment(now_)}});
  }
}

void SharedRecords::unpark(RowId id, const StoredReceipt& receipt) {
  std::vector<RowName> names = carrier_ids_of(receipt);
  view_->read_all(names);
  for (const RowName& name : names) {
    const RowContent* row = view_->read(name);
    CarrierIdRow ids = row == nullptr ? CarrierIdRow{} : carrier_id_row_from(row->record);
    std::erase(ids.parked, id);
    view_->put(name, {to_row(ids), {row_keys::moment(now_)}});
  }
  auto& parked = parked_of_[receipt.carrier];
  if (parked == 0) return;  // It was another node's.
  --parked;
  view_->on_undo([this, carrier = receipt.carrier] { ++parked_of_[carrier]; });
}

void SharedRecords::add_event(const HistoryKey& key, const HistoryEntry& event) {
  const RowName name = row_keys::events(key);
  const RowContent* row = view_->read(name);
  auto events = row == nullptr ? std::vector<HistoryEntry>{} : events_from(row->record);
  std::erase_if(events, [&](const HistoryEntry& other) { return other.at < now_ - note_kept; });
  const auto place = std::ranges::find_if(events, [&](const HistoryEntry& other) { return other.at > event.at; });
  events.insert(place, event);
  if (events.size() > events_of_a_row) events.erase(events.begin());
  view_->put(name, {to_row(events), {row_keys::moment(events.back().at)}});
}

std::optional<Row> SharedRecords::read_row(RowKind kind, RowId id, std::string_view octets) {
  std::optional<Row> row;
  if (kind != RowKind::note)
    row = row_from_octets(kind, id, kind == RowKind::answer ? octets.substr(sizeof(RowId)) : octets);
  if (!row) record_is_unreadable(to_string(table_of(kind)), std::to_string(id));
  return row;
}

std::optional<KeptAnswer> SharedRecords::answer_row(RowId id) {
  const auto known = answers_.find(id);
  const RowContent* row = known == answers_.end() ? nullptr : view_->read(row_keys::answer(known->second));
  if (row == nullptr) return std::nullopt;
  return answer_from_row(std::string_view(row->record).substr(sizeof(RowId)));
}

/// An answer is asked for after its key was.
std::optional<Row> SharedRecords::row(RowKind kind, RowId id) {
  if (kind == RowKind::answer) return answer_row(id);
  if (kind == RowKind::note) return std::nullopt;
  const RowContent* row = view_->read(row_keys::row(table_of(kind), id));
  return row == nullptr ? std::nullopt : read_row(kind, id, std::string(row->record));
}

bool SharedRecords::erase(RowKind kind, RowId id) {
  const RowName name = row_keys::row(table_of(kind), id);
  const RowContent* row = drawn_.contains(id) ? view_->read_drawn(name) : view_->read(name);
  if (row == nullptr) return false;
  const std::string octets = row->record;
  if (kind == RowKind::waiting) erase_waiting(id, octets);
  if (kind == RowKind::parked) {
    if (const auto receipt = receipt_from_row(octets)) unpark(id, *receipt);
  }
  view_->erase(name);
  count_rows(kind, -1);
  return true;
}

/// So many at first, then four times as many, until whoever visits has enough.
void SharedRecords::in_pages(const RowRange& range, absl::FunctionRef<bool(const StoredRow&)> visit) {
  std::size_t seen = 0;
  for (std::size_t limit = scanned_at_first;; limit *= 4) {
    const auto rows = view_->read(range, limit);
    for (; seen < rows.size(); ++seen)
      if (!visit(rows[seen])) return;
    if (rows.size() < limit) return;
  }
}

void SharedRecords::scan(RowKind kind, OtpRange::Order order, VisitRow visit) {
  const bool is_backwards = order == OtpRange::Order::newest_first;
  in_pages({.table = table_of(kind), .from = {}, .to = {}, .is_backwards = is_backwards}, [&](const StoredRow& stored) {
    const RowId id = row_keys::row_of(stored.key);
    const auto row = read_row(kind, id, stored.content.record);
    return visit(id, row ? &*row : nullptr);
  });
}

/// Answers lie under their keys, and begin with their ids.
void SharedRecords::rows_from(RowKind kind, RowId from, VisitRow visit) {
  const bool is_answer = kind == RowKind::answer;
  const RowRange range{.table = table_of(kind),
                       .by = is_answer ? std::uint8_t{1} : RowRange::by_key,
                       .from = std::string(BigEndian(from).view()),
                       .to = {}};
  in_pages(range, [&](const StoredRow& stored) {
    const RowId id = row_keys::row_of(is_answer ? stored.content.record : stored.key);
    const auto row = read_row(kind, id, stored.content.record);
    return visit(id, row ? &*row : nullptr);
  });
}

/// A place is a subject's row, and how many of its events were seen. What is counted of phones follows from requests,
/// and is by far the most.
void SharedRecords::notes_from(std::string_view from, VisitNotes visit) {
  const std::string first(from.substr(0, from.size() - std::min(from.size(), sizeof(EventPlace))));
  const std::size_t seen = first.empty() ? 0 : from_big_endian<EventPlace>(from.substr(first.size()));
  bool goes_on = true;
  for (const HistoryKind kind : {HistoryKind::sends_of_user_ip, HistoryKind::failed_verifies_of_user_ip,
                                 HistoryKind::resets, HistoryKind::sends_of_user_net, HistoryKind::sends_of_end_user}) {
    RowRange range = row_keys::all_with(RowTable::events, std::string(1, static_cast<char>(kind)));
    if (!goes_on || range.to <= first) continue;
    range.from = std::max(range.from, first);
    in_pages(range, [&](const StoredRow& stored) {
      return goes_on = show_notes(stored, stored.key == first ? seen : 0, visit);
    });
  }
}

bool SharedRecords::show_notes(const StoredRow& stored, std::size_t from, VisitNotes visit) {
  const auto key = row_keys::history_of(stored.key);
  const auto events = key ? events_from(stored.content.record) : std::vector<HistoryEntry>{};
  for (std::size_t at = from; at < events.size(); ++at) {
    const Note note{*key, events[at]};
    const std::string rest = stored.key + std::string(BigEndian(static_cast<EventPlace>(at + 1)).view());
    if (!visit(rest, &note)) return false;
  }
  return true;
}

/// Other nodes park, too: one may be there always.
std::size_t SharedRecords::count(RowKind kind) {
  return kind == RowKind::parked ? std::max<std::size_t>(counts_[kind], 1) : counts_[kind];
}

std::optional<RowId> SharedRecords::answer_of(const Digest& key) {
  const RowContent* row = view_->read(row_keys::answer(key));
  if (row == nullptr) return std::nullopt;
  const RowId id = row_keys::row_of(row->record);
  answers_.insert_or_assign(id, key);
  return id;
}

std::vector<RowId> SharedRecords::parked_as(std::string_view carrier, std::string_view smsc_message_id) {
  const RowName name = row_keys::carrier_id(carrier, smsc_message_id);
  const RowContent* row = view_->read(name);
  std::vector<RowId> ids = row == nullptr ? std::vector<RowId>{} : carrier_id_row_from(row->record).parked;
  std::vector<RowName> rows;
  for (const RowId id : ids) rows.push_back(row_keys::row(RowTable::parked, id));
  view_->read_all(rows);
  // Those that mean it in another base are not asked for by this id.
  std::erase_if(ids, [&](RowId id) {
    const RowContent* parked = view_->read(row_keys::row(RowTable::parked, id));
    const auto receipt = parked == nullptr ? std::nullopt : receipt_from_row(parked->record);
    return receipt && !names_itself(*receipt, name);
  });
  return ids;
}

std::size_t SharedRecords::parked_of(std::string_view carrier) {
  const auto known = parked_of_.find(carrier);
  return known == parked_of_.end() ? 0 : known->second;
}

/// Who asks reads each.
std::vector<RowId> SharedRecords::due(std::string_view webhook, WallTime until, std::size_t limit) {
  auto ids = waiting_.due(webhook, until, limit);
  std::vector<RowName> names;
  for (const RowId id : ids) names.push_back(row_keys::row(RowTable::waiting, id));
  view_->read_all(names);
  return ids;
}

void SharedRecords::write_decoy(std::string_view octets) {
  constexpr std::uint32_t rows = 16;
  const std::uint32_t next = (decoy_ + 1) % rows;
  const RowName name{RowTable::decoys, std::string(1, static_cast<char>(life_.node)) + static_cast<char>(next)};
  view_->read(name);
  view_->put(name, {std::string(octets)});
  decoy_ = next;
}

// --- what is over ---------------------------------------------------------------------------------------------------

/// Where the oldest rows of a table were erased up to in this hour: a look from the very first on would go through all
/// that was, which the server cleans up much later.
std::string SharedRecords::erased_to(RowTable table) {
  if (std::exchange(erased_in_, hour_of(now_)) != hour_of(now_)) erased_to_.clear();
  return erased_to_[table];
}

void SharedRecords::note_erased(const RowRange& range, const StoredRow& last) {
  std::string& to = erased_to_[range.table];
  view_->on_undo([this, table = range.table, before = to] { erased_to_[table] = before; });
  to = place_of(range, last.key, last.content);
}

std::size_t SharedRecords::erase_rows(RowKind kind, WallTime before, std::size_t limit) {
  const RowRange range{.table = table_of(kind),
                       .from = erased_to(table_of(kind)),
                       .to = std::string(BigEndian(first_row_at(before)).view())};
  if (range.from >= range.to) return 0;
  const auto rows = view_->read(range, limit);
  for (const StoredRow& row : rows) {
    view_->erase({range.table, row.key});
    count_rows(kind, -1);
  }
  if (!rows.empty()) note_erased(range, rows.back());
  return rows.size();
}

std::size_t SharedRecords::erase_old(RowTable table, std::string_view before, std::size_t limit) {
  const RowRange range{.table = table, .by = 1, .from = erased_to(table), .to = std::string(before)};
  if (range.from >= range.to) return 0;
  const auto rows = view_->read(range, limit);
  for (const StoredRow& row : rows) view_->erase({table, row.key});
  if (!rows.empty()) note_erased(range, rows.back());
  return rows.size();
}

std::size_t SharedRecords::erase_requests(WallTime before, std::size_t limit) {
  OtpRange range{{}, first_otp_id_at(before), OtpRange::Order::oldest_first};
  if (const std::string from = erased_to(RowTable::otps); !from.empty()) range.after = row_keys::otp_of(from);
  if (range.after >= range.before) return 0;
  const auto old = otps(range, limit);
  for (const Otp& otp : old) erase_request(otp.id);
  const RowRange rows{.table = RowTable::otps, .from = {}, .to = {}};
  if (!old.empty()) note_erased(rows, {.key = row_keys::otp(old.back().id).key, .content = {}});
  return old.size();
}

std::size_t SharedRecords::erase_aged(Aged what, WallTime before, std::size_t limit) {
  if (limit == 0) return 0;
  switch (what) {
    case Aged::requests: return erase_requests(before, limit);
    case Aged::answers: return erase_old(RowTable::answers, BigEndian(first_row_at(before)).view(), limit);
    case Aged::notes:
      return erase_old(RowTable::events, row_keys::moment(before - slack), limit) +
             erase_old(RowTable::phones, row_keys::idle_phone(before - slack), limit) +
             erase_old(RowTable::carrier_ids, row_keys::moment(now_ - submission_kept - slack), limit) +
             erase_old(RowTable::traffic, row_keys::moment(now_ - traffic_kept), limit) +
             erase_old(RowTable::notices, row_keys::moment(now_ - notice_kept), limit);
    case Aged::deliveries: return erase_rows(RowKind::over, before, limit);
    case Aged::audit: return erase_rows(RowKind::audit, before, limit);
    case Aged::sums_of_hours:
      return erase_old(RowTable::sums, BigEndian(static_cast<std::uint32_t>(hour_of(before))).view(), limit);
  }
  return 0;
}

}  // namespace xion
