// Receipts that came before the response that names their message, or that match none.
#include "core/marks.h"
#include "domain/txn.h"

namespace xion {

void Txn::park(const StoredReceipt& receipt) {
  records_.put(RowKind::parked, records_.next_row(receipt.received_at), receipt);
}

bool Txn::has_parked() { return records_.count(RowKind::parked) != 0; }

std::optional<StoredReceipt> Txn::take_parked(std::string_view carrier, std::string_view smsc_message_id) {
  const auto id = records_.parked_as(carrier, smsc_message_id);
  if (!id) return std::nullopt;
  auto row = records_.row(RowKind::parked, *id);
  records_.erase(RowKind::parked, *id);
  if (!row) return std::nullopt;
  return std::get<StoredReceipt>(std::move(*row));
}

std::size_t Txn::give_up_parked(WallTime before, std::size_t limit) {
  std::vector<std::pair<RowId, StoredReceipt>> late;
  if (limit == 0) return 0;
  records_.scan(RowKind::parked, OtpRange::Order::oldest_first, [&](RowId id, const Row* row) {
    const auto receipt = row != nullptr ? std::get<StoredReceipt>(*row) : StoredReceipt{};
    if (row != nullptr && receipt.received_at >= before) return false;
    late.emplace_back(id, receipt);
    return late.size() < limit;
  });
  for (const auto& [id, receipt] : late) {
    records_.erase(RowKind::parked, id);
    keep_unmatched(receipt);
  }
  return late.size();
}

void Txn::keep_unmatched(const StoredReceipt& receipt) {
  records_.put(RowKind::unmatched, records_.next_row(receipt.received_at), receipt);
  if (records_.count(RowKind::unmatched) <= unmatched_kept) return;
  RowId oldest = 0;
  records_.scan(RowKind::unmatched, OtpRange::Order::oldest_first, [&](RowId id, const Row*) {
    oldest = id;
    return false;
  });
  records_.erase(RowKind::unmatched, oldest);
}

std::vector<StoredReceipt> Txn::unmatched(std::size_t limit) {
  std::vector<StoredReceipt> receipts;
  if (limit == 0) return receipts;
  records_.scan(RowKind::unmatched, OtpRange::Order::newest_first, [&](RowId, const Row* row) {
    if (row != nullptr) receipts.push_back(std::get<StoredReceipt>(*row));
    return receipts.size() < limit;
  });
  return receipts;
}

std::map<std::string, smpp::IdBase> Txn::id_bases() {
  std::map<std::string, smpp::IdBase> bases;
  records_.scan_things(ThingKind::mark, id_base_prefix, [&](std::string_view name, std::string_view value) {
    for (const smpp::IdBase base : smpp::id_bases) {
      if (value == smpp::id_base_text(base)) bases.emplace(name.substr(id_base_prefix.size()), base);
    }
    return true;
  });
  return bases;
}

void Txn::put_id_base(std::string_view carrier, smpp::IdBase base) {
  records_.put_thing(ThingKind::mark, std::string(id_base_prefix).append(carrier), smpp::id_base_text(base));
}

}  // namespace xion
