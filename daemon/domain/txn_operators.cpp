// What operators did, and what they want to last.
#include <charconv>

#include "core/otp/marks.h"
#include "domain/txn.h"

namespace xion {

std::vector<CarrierHold> Txn::carrier_holds() {
  std::vector<CarrierHold> holds;
  records_.scan_things(ThingKind::mark, carrier_hold_prefix, [&](std::string_view name, std::string_view record) {
    if (auto hold = carrier_hold_from_record(name.substr(carrier_hold_prefix.size()), record))
      holds.push_back(std::move(*hold));
    return true;
  });
  return holds;
}

void Txn::put(const CarrierHold& hold) {
  records_.put_thing(ThingKind::mark, std::string(carrier_hold_prefix).append(hold.carrier), to_record(hold));
}

bool Txn::remove_carrier_hold(std::string_view carrier) {
  return records_.erase_thing(ThingKind::mark, std::string(carrier_hold_prefix).append(carrier));
}

RowId Txn::add(const AuditEvent& event) {
  const RowId row = records_.next_row(event.at);
  records_.put(RowKind::audit, row, event);
  return row;
}

void Txn::put(RowId row, const AuditEvent& event) { records_.put(RowKind::audit, row, event); }

void Txn::scan_audit(absl::FunctionRef<bool(const AuditEvent&)> visit) {
  records_.scan(RowKind::audit, OtpRange::Order::newest_first, [&](RowId, const Row* row) {
    const auto* event = row == nullptr ? nullptr : std::get_if<AuditEvent>(row);
    return event == nullptr || visit(*event);
  });
}

std::optional<WallTime> Txn::last_backup() {
  const auto text = records_.thing(ThingKind::mark, last_backup_key);
  std::int64_t millis = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), millis).ec != std::errc{})
    return std::nullopt;
  return wall_time(millis);
}

void Txn::set_last_backup(WallTime at) {
  records_.put_thing(ThingKind::mark, last_backup_key, std::to_string(unix_millis(at)));
}

}  // namespace xion
