#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/record_formats.h"
#include "ports/cluster.h"
#include "ports/rows.h"

/// What nodes know of each other, as rows. Whatever is of a life is no more when the node's beat is of another one, or
/// gone.
namespace xion {

/// A node lives, and says so again and again.
struct BeatRow {
  std::uint32_t incarnation = 0;
  std::uint64_t number = 0;  ///< Another one each time.
  std::string name;
  std::set<std::string> wishes{};  ///< Groups of leases (`lease_group`) that it wishes for.
  NodeReport report{};
  FormatLine formats_read{};  ///< Empty: an older release, which doesn't tell.
};
std::string to_row(const BeatRow& beat);
/// Nothing: it can't be read.
std::optional<BeatRow> beat_from(std::string_view row);

/// Who had a lease last.
struct LeaseRow {
  NodeId node = only_node;
  std::uint32_t incarnation = 0;
  bool is_held = false;     ///< False: it was given back.
  std::uint64_t epoch = 0;  ///< So often it changed hands.
};
std::string to_row(const LeaseRow& lease);
std::optional<LeaseRow> lease_from(std::string_view row);

namespace row_keys {

RowName beat(NodeId node);
/// That one alone.
RowRange beats_of(NodeId node);
/// Nothing: it is no such key.
std::optional<NodeId> node_of_beat(std::string_view key);
RowName lease(std::string_view name);
RowName notice(std::string_view name);
/// The number that a name has; and the name that a number has.
RowName member(std::string_view name);
RowName member(NodeId node);
RowRange member_numbers();
std::optional<NodeId> node_of_member(std::string_view key);

}  // namespace row_keys
}  // namespace xion
