#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace xion {

/// That an operator wants a node to hold no bind and no role, and who it was. It outlives the node's restart.
struct NodeDrain {
  std::string node;
  WallTime since{};
  std::string by;  ///< "anna (uid 1000)"
  bool operator==(const NodeDrain&) const = default;
};

/// The octets that a store keeps beside the node's name. A record of a newer format reads as nothing.
std::string to_record(const NodeDrain& drain);
std::optional<NodeDrain> node_drain_from_record(std::string_view node, std::string_view record);

}  // namespace xion
