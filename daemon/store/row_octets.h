#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/otp/otp_stats.h"
#include "ports/stored.h"

/// The octets of the rows that are the store's own. Each begins with the number of its format; a row of a newer format,
/// or a corrupt one, reads as nothing.
namespace xion {

std::string to_row(const StoredReceipt& receipt);
std::optional<StoredReceipt> receipt_from_row(std::string_view row);

std::string to_row(const Counters& counters);
/// Counters that the row does not have yet are zero.
std::optional<Counters> counters_from_row(std::string_view row);

std::string to_row(const HistoryKey& key, const HistoryEntry& entry);
std::optional<Note> note_from_row(std::string_view row);

std::string to_row(const StatSums& sums);
std::optional<StatSums> stat_sums_from_row(std::string_view row);

std::string to_row(const Digest& key, const StoredAnswer& answer);
std::optional<KeptAnswer> answer_from_row(std::string_view row);
/// The key alone, without reading the rest: what an index needs.
std::optional<Digest> answer_key_from_row(std::string_view row);

/// A row of any kind. An id is said by a delivery's key, and not by its octets.
std::string to_octets(const Row& row);
std::optional<Row> row_from_octets(RowKind kind, RowId id, std::string_view octets);

}  // namespace xion
