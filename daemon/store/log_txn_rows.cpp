// The part of a transaction that is not about requests: receipts that match none, apps and keys, counters, answers.
#include <algorithm>
#include <functional>

#include "store/log_txn.h"
#include "store/rows.h"

namespace xion {
namespace {

constexpr std::string_view next_app_id_key = "next_app_id";
/// And the carrier's name.
constexpr std::string_view id_base_prefix = "receipt_id ";

std::string counters_key(AppId app, Day day) {
  std::string key(BigEndian<AppId>(app).view());
  key += BigEndian<std::uint32_t>(static_cast<std::uint32_t>(day)).view();
  return key;
}

}  // namespace

void LogTxn::park(const StoredReceipt& receipt) {
  if (indexes_.parked_of(receipt.carrier) >= parked_of_carrier_max) return keep_unmatched(receipt);
  const RowId row = indexes_.next_row(receipt.received_at);
  kv_.put(Table::parked, BigEndian(row).view(), to_row(receipt));
  indexes_.park(receipt, row);
}

std::optional<StoredReceipt> LogTxn::receipt_of(Table table, RowId row) {
  const auto value = kv_.get(table, BigEndian(row).view());
  if (!value) return std::nullopt;
  auto receipt = receipt_from_row(*value);
  if (!receipt) record_is_unreadable(table, std::to_string(row));
  if (receipt) receipt->row = row;
  return receipt;
}

std::vector<StoredReceipt> LogTxn::parked(std::string_view carrier, std::string_view smsc_message_id) {
  std::vector<StoredReceipt> receipts;
  for (const RowId row : indexes_.parked(carrier, smsc_message_id)) {
    if (auto receipt = receipt_of(Table::parked, row)) receipts.push_back(std::move(*receipt));
  }
  return receipts;
}

std::vector<StoredReceipt> LogTxn::parked_before(WallTime before, std::size_t limit) {
  std::vector<StoredReceipt> receipts;
  if (limit == 0) return receipts;
  kv_.scan(Table::parked, {}, [&](std::string_view key, std::string_view value) {
    auto receipt = receipt_from_row(value);
    if (!receipt) return true;  // `give_up_parked` tells of it.
    if (receipt->received_at >= before) return false;
    receipt->row = from_big_endian<RowId>(key);
    receipts.push_back(std::move(*receipt));
    return receipts.size() < limit;
  });
  return receipts;
}

std::optional<StoredReceipt> LogTxn::take_receipt(std::uint64_t row) {
  for (const Table table : {Table::parked, Table::unmatched}) {
    auto receipt = receipt_of(table, row);
    if (!receipt) continue;
    kv_.erase(table, BigEndian<RowId>(row).view());
    if (table == Table::parked) indexes_.unpark(*receipt, row);
    return receipt;
  }
  return std::nullopt;
}

std::size_t LogTxn::give_up_parked(WallTime before, std::size_t limit) {
  std::vector<std::pair<RowId, StoredReceipt>> late;
  if (limit == 0) return 0;
  kv_.scan(Table::parked, {}, [&](std::string_view key, std::string_view value) {
    auto receipt = receipt_from_row(value);
    if (receipt && receipt->received_at >= before) return false;
    if (!receipt) record_is_unreadable(Table::parked, std::to_string(from_big_endian<RowId>(key)));
    late.emplace_back(from_big_endian<RowId>(key), receipt.value_or(StoredReceipt{}));
    return late.size() < limit;
  });
  for (const auto& [row, receipt] : late) {
    kv_.erase(Table::parked, BigEndian(row).view());
    indexes_.unpark(receipt, row);
    write_unmatched(row, receipt);  // Under the name that it is known by.
  }
  return late.size();
}

void LogTxn::keep_unmatched(const StoredReceipt& receipt) {
  write_unmatched(indexes_.next_row(receipt.received_at), receipt);
}

void LogTxn::write_unmatched(RowId row, const StoredReceipt& receipt) {
  kv_.put(Table::unmatched, BigEndian(row).view(), to_row(receipt));
  if (kv_.count(Table::unmatched) <= unmatched_kept) return;
  std::string oldest;
  kv_.scan(Table::unmatched, {}, [&](std::string_view key, std::string_view) {
    oldest = key;
    return false;
  });
  kv_.erase(Table::unmatched, oldest);
}

std::vector<StoredReceipt> LogTxn::unmatched(std::size_t limit) {
  std::vector<StoredReceipt> receipts;
  for (const Table table : {Table::parked, Table::unmatched}) {
    std::size_t left = limit;
    kv_.scan_back(table, {}, [&](std::string_view key, std::string_view value) {
      if (left == 0) return false;
      --left;
      const auto row = from_big_endian<RowId>(key);
      if (auto receipt = receipt_from_row(value)) {
        receipt->row = row;
        receipts.push_back(std::move(*receipt));
      } else {
        record_is_unreadable(table, std::to_string(row));
      }
      return left > 0;
    });
  }
  std::ranges::sort(receipts, std::ranges::greater{}, &StoredReceipt::row);
  if (receipts.size() > limit) receipts.resize(limit);
  return receipts;
}

std::map<std::string, smpp::IdBase> LogTxn::id_bases() {
  std::map<std::string, smpp::IdBase> bases;
  kv_.scan(Table::meta, id_base_prefix, [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(id_base_prefix)) return false;
    for (const smpp::IdBase base : smpp::id_bases) {
      if (value == smpp::id_base_text(base)) bases.emplace(key.substr(id_base_prefix.size()), base);
    }
    return true;
  });
  return bases;
}

void LogTxn::put_id_base(std::string_view carrier, smpp::IdBase base) {
  kv_.put(Table::meta, std::string(id_base_prefix).append(carrier), smpp::id_base_text(base));
}

std::vector<App> LogTxn::apps() {
  std::vector<App> all;
  kv_.scan(Table::apps, {}, [&](std::string_view key, std::string_view value) {
    if (auto app = app_from_record(value))
      all.push_back(std::move(*app));
    else
      record_is_unreadable(Table::apps, std::to_string(from_big_endian<AppId>(key)));
    return true;
  });
  return all;
}

void LogTxn::put(const App& app) { kv_.put(Table::apps, BigEndian(app.id).view(), to_record(app)); }

/// Its keys, lists and texts go with it: a key of no app could only be refused.
void LogTxn::remove_app(AppId id) {
  kv_.erase(Table::apps, BigEndian(id).view());
  for (const ApiKey& key : api_keys())
    if (key.app == id) kv_.erase(Table::keys, key.id);
  for (const ListKind kind : {ListKind::block, ListKind::allow})
    for (const ListEntry& entry : list_entries(kind))
      if (entry.app == id) remove(entry);
  for (const MessageTemplate& text : templates())
    if (text.app == id) remove(text);
}

std::vector<ApiKey> LogTxn::api_keys() {
  std::vector<ApiKey> all;
  kv_.scan(Table::keys, {}, [&](std::string_view id, std::string_view value) {
    if (auto key = api_key_from_record(value))
      all.push_back(std::move(*key));
    else
      record_is_unreadable(Table::keys, id);
    return true;
  });
  return all;
}

void LogTxn::put(const ApiKey& key) { kv_.put(Table::keys, key.id, to_record(key)); }

AppId LogTxn::next_app_id() {
  const auto kept = kv_.get(Table::meta, next_app_id_key);
  const AppId id = kept ? from_big_endian<AppId>(*kept) : 1;
  kv_.put(Table::meta, next_app_id_key, BigEndian<AppId>(id + 1).view());
  return id;
}

std::vector<DashboardPass> LogTxn::dashboard_passes() {
  std::vector<DashboardPass> all;
  kv_.scan(Table::dashboard, {}, [&](std::string_view id, std::string_view value) {
    if (auto pass = dashboard_pass_from_record(value))
      all.push_back(std::move(*pass));
    else
      record_is_unreadable(Table::dashboard, id);
    return true;
  });
  return all;
}

void LogTxn::put(const DashboardPass& pass) { kv_.put(Table::dashboard, pass.id, to_record(pass)); }
bool LogTxn::remove_dashboard_pass(std::string_view id) { return kv_.erase(Table::dashboard, id); }

LogTxn::Tally& LogTxn::tally(AppId app, Day day) {
  const auto [at, is_new] = tallies_.try_emplace({app, day});
  if (!is_new) return at->second;
  if (const auto row = kv_.get(Table::counters, counters_key(app, day))) {
    if (const auto counters = counters_from_row(*row))
      at->second.counters = *counters;
    else
      record_is_unreadable(Table::counters, std::to_string(app));
  }
  return at->second;
}

void LogTxn::count(AppId app, Day day, Counter counter, std::uint64_t by) {
  Tally& here = tally(app, day);
  here.counters[static_cast<std::size_t>(counter)] += by;
  if (!here.is_changed) changed_tallies_.emplace_back(app, day);
  here.is_changed = true;
}

Counters LogTxn::counters(AppId app, Day day) { return tally(app, day).counters; }

void LogTxn::flush_counters() {
  for (const auto& [app, day] : changed_tallies_) {
    kv_.put(Table::counters, counters_key(app, day), to_row(tallies_[{app, day}].counters));
  }
  changed_tallies_.clear();
}

std::optional<StoredAnswer> LogTxn::answer(const Digest& key) {
  const auto row = indexes_.answer(key);
  if (!row || made_at(*row) + answer_kept <= now_) return std::nullopt;
  const auto value = kv_.get(Table::answers, BigEndian(*row).view());
  if (!value) return std::nullopt;
  auto kept = answer_from_row(*value);
  if (!kept) record_is_unreadable(Table::answers, std::to_string(*row));
  if (!kept || kept->key != key) return std::nullopt;
  return std::move(kept->answer);
}

void LogTxn::put_answer(const Digest& key, const StoredAnswer& answer, WallTime now) {
  const RowId row = indexes_.next_row(now);
  kv_.put(Table::answers, BigEndian(row).view(), to_row(key, answer));
  indexes_.set_answer(key, row);
}

std::size_t LogTxn::prune_answers(WallTime now, std::size_t limit) {
  std::vector<RowId> rows;
  if (limit == 0) return 0;
  kv_.scan(Table::answers, {}, [&](std::string_view key, std::string_view) {
    const auto row = from_big_endian<RowId>(key);
    if (made_at(row) + answer_kept > now) return false;
    rows.push_back(row);
    return rows.size() < limit;
  });
  for (const RowId row : rows) kv_.erase(Table::answers, BigEndian(row).view());
  return rows.size();
}

}  // namespace xion
