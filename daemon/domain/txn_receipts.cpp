// Receipts that came before the response that names their message, or that match none.
#include <algorithm>
#include <functional>
#include <utility>

#include "core/otp/marks.h"
#include "domain/txn.h"

namespace xion {

void Txn::park(const StoredReceipt& receipt) {
  if (records_.parked_of(receipt.carrier) >= parked_of_carrier_max) return keep_unmatched(receipt);
  records_.put(RowKind::parked, records_.next_row(receipt.received_at), receipt);
}

bool Txn::has_parked() { return records_.count(RowKind::parked) != 0; }

std::optional<StoredReceipt> Txn::receipt_of(RowKind kind, RowId id) {
  auto row = records_.row(kind, id);
  if (!row) return std::nullopt;
  auto receipt = std::get<StoredReceipt>(std::move(*row));
  receipt.row = id;
  return receipt;
}

std::vector<StoredReceipt> Txn::parked(std::string_view carrier, std::string_view smsc_message_id) {
  std::vector<StoredReceipt> receipts;
  for (const RowId id : records_.parked_as(carrier, smsc_message_id)) {
    if (auto receipt = receipt_of(RowKind::parked, id)) receipts.push_back(std::move(*receipt));
  }
  return receipts;
}

std::vector<StoredReceipt> Txn::parked_before(WallTime before, std::size_t limit) {
  std::vector<StoredReceipt> receipts;
  if (limit == 0) return receipts;
  records_.scan(RowKind::parked, OtpRange::Order::oldest_first, [&](RowId id, const Row* row) {
    if (row == nullptr) return true;  // `give_up_parked` takes it out.
    auto receipt = std::get<StoredReceipt>(*row);
    if (receipt.received_at >= before) return false;
    receipt.row = id;
    receipts.push_back(std::move(receipt));
    return receipts.size() < limit;
  });
  return receipts;
}

std::optional<StoredReceipt> Txn::take_receipt(RowId row) {
  for (const RowKind kind : {RowKind::parked, RowKind::unmatched}) {
    auto receipt = receipt_of(kind, row);
    if (!receipt) continue;
    records_.erase(kind, row);
    return receipt;
  }
  return std::nullopt;
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
    write_unmatched(id, receipt);  // Under the name that it is known by.
  }
  return late.size();
}

void Txn::keep_unmatched(const StoredReceipt& receipt) {
  write_unmatched(records_.next_row(receipt.received_at), receipt);
}

void Txn::write_unmatched(RowId row, const StoredReceipt& receipt) {
  records_.put(RowKind::unmatched, row, receipt);
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
  for (const RowKind kind : {RowKind::parked, RowKind::unmatched}) {
    std::size_t left = limit;
    if (left == 0) break;
    records_.scan(kind, OtpRange::Order::newest_first, [&](RowId id, const Row* row) {
      if (row != nullptr) {
        receipts.push_back(std::get<StoredReceipt>(*row));
        receipts.back().row = id;
      }
      return --left > 0;
    });
  }
  std::ranges::sort(receipts, std::ranges::greater{}, &StoredReceipt::row);
  if (receipts.size() > limit) receipts.resize(limit);
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
