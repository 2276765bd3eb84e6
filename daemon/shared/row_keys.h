#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/otp/otp_sums.h"
#include "ports/rows.h"
#include "ports/stored.h"

/// Under what rows lie, and in which orders. Integers are most significant octet first, so that they sort as numbers
/// do.
namespace xion::row_keys {

/// Moments before 1970 are that one.
std::string moment(WallTime at);
WallTime moment_at(std::string_view octets);
/// The end of all that begins with `prefix`; empty: there is none.
std::string after(std::string prefix);
inline RowRange all_with(RowTable table, std::string prefix, std::uint8_t by = RowRange::by_key) {
  std::string end = after(prefix);
  return {table, by, std::move(prefix), std::move(end)};
}

RowName thing(ThingKind kind, std::string_view key);
RowName otp(const OtpId& id);
OtpId otp_of(std::string_view octets);
/// The orders of requests: of an app, of a phone, then by id.
std::string of_app(AppId app);
std::string of_phone(const Fingerprint& phone);
/// What a request is found by; then comes its id.
std::string name_prefix(AppId app, char kind, std::string_view name);
inline constexpr char reference_kind = 'r', name_kind = 'n';
RowName phone(const Fingerprint& phone);
/// The order of phones: idle ones by when they were written, before those with something pending, by its expiry.
std::string idle_phone(WallTime since);
std::string pending_phone(WallTime expires_at);

/// How far a message is, for who has to do something about it.
enum class OutboxState : std::uint8_t {
  queued,
  submitting,
  unknown,
  handed  ///< Queued, and its node has not taken it yet.
};
RowName outbox(const OtpId& id, std::uint8_t message);
/// In which order: node, state; then come deadline and name.
std::string outbox_order(NodeId node, OutboxState state);

/// Whatever its case and leading zeros.
RowName carrier_id(std::string_view carrier, std::string_view smsc_message_id);
/// Of what is not in the row of a phone.
RowName events(const HistoryKey& key);
/// Nothing: it is no such key.
std::optional<HistoryKey> history_of(std::string_view key);
RowName answer(const Digest& key);
RowName row(RowTable table, RowId id);
RowId row_of(std::string_view octets);

/// What all sums of a name begin with; then comes the node.
std::string sums(const SumsPlace& place, StatKind kind, std::string_view name);
std::string sums_of_kind(const SumsPlace& place, StatKind kind);
/// When and of what, in the key of a row of sums.
std::int32_t when_of(std::string_view key);
std::string_view name_of(std::string_view key);
std::string counters(AppId app, CounterPeriod period);
/// What the keys of sums begin with, by what they are of.
inline constexpr char counters_begin = 'c', days_begin = 'd', hours_begin = 'h';
/// What a row of sums is of, or a row of counters; the node is not looked at. Nothing: it is another's.
std::optional<SumsRow> sums_of(std::string_view key);
std::optional<CountersRow> counters_of(std::string_view key);
RowName stripe(std::string prefix, NodeId node);
/// Of a month's volume: what was granted to a node, and what was granted to all.
RowName volume_share(AppId app, Month month, NodeId node);
RowName volume_pool(AppId app, Month month);
/// Both of all nodes.
RowRange volume(AppId app, Month month);
RowName traffic(std::uint64_t subject, NodeId node);

}  // namespace xion::row_keys
