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

std::vector<NodeDrain> Txn::node_drains() {
  std::vector<NodeDrain> drains;
  records_.scan_things(ThingKind::mark, node_drain_prefix, [&](std::string_view name, std::string_view record) {
    if (auto drain = node_drain_from_record(name.substr(node_drain_prefix.size()), record))
      drains.push_back(std::move(*drain));
    return true;
  });
  return drains;
}

void Txn::put(const NodeDrain& drain) {
  records_.put_thing(ThingKind::mark, std::string(node_drain_prefix).append(drain.node), to_record(drain));
}

bool Txn::remove_node_drain(std::string_view node) {
  return records_.erase_thing(ThingKind::mark, std::string(node_drain_prefix).append(node));
}

ForgottenNode Txn::forget_node(std::string_view name) {
  const ForgottenNode found = records_.forget_node(name);
  if (found.outcome == ForgottenNode::Outcome::forgotten) remove_node_drain(name);
  return found;
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

std::vector<Alert> Txn::open_alerts(AppId app) {
  const std::string key = mark_of_app(alerts_prefix, app);
  const auto record = records_.thing(ThingKind::mark, key);
  if (!record) return {};
  auto open = alerts_from_record(*record);
  if (!open) records_.record_is_unreadable(to_string(ThingKind::mark), alerts_prefix);
  return open.value_or(std::vector<Alert>{});
}

void Txn::put_open_alerts(AppId app, const std::vector<Alert>& open) {
  if (open.empty())
    records_.erase_thing(ThingKind::mark, mark_of_app(alerts_prefix, app));
  else
    records_.put_thing(ThingKind::mark, mark_of_app(alerts_prefix, app), to_record(open));
}

std::map<std::string, WallTime, std::less<>> Txn::key_uses() {
  std::map<std::string, WallTime, std::less<>> uses;
  records_.scan_things(ThingKind::mark, key_used_prefix, [&](std::string_view name, std::string_view record) {
    if (record.size() == sizeof(std::uint64_t))
      uses.emplace(name.substr(key_used_prefix.size()),
                   wall_time(static_cast<std::int64_t>(from_big_endian<std::uint64_t>(record))));
    return true;
  });
  return uses;
}

void Txn::note_key_use(std::string_view key_id, WallTime at) {
  records_.put_thing(ThingKind::mark, std::string(key_used_prefix).append(key_id),
                     BigEndian(static_cast<std::uint64_t>(unix_millis(at))).view());
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
