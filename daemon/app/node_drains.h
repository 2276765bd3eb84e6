#pragma once
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/owners/directory.h"
#include "app/ports.h"
#include "core/node_drain.h"

namespace xion {

/// Nodes that are to hold nothing, as operators want it: kept in the store, in the memory of every node, and obeyed by
/// the one that is meant. Loop thread only.
class NodeDrains {
 public:
  template <typename T>
  using Done = std::move_only_function<void(std::expected<T, Refusal>)>;

  /// Until `load` has told, this node holds nothing.
  explicit NodeDrains(const Ports& ports);

  /// Reads them all, and again when another node changed some; `done(false)` where the store failed.
  void load(std::move_only_function<void(bool)> done);
  /// Refused where no node has that name.
  void drain(NodeDrain wanted, Done<void> done);
  void undo(std::string node, Done<void> done);
  /// What the store remembers of a node that is gone for good goes; the number that it had.
  void forget(std::string node, Done<NodeId> done);

  /// Null: it may hold what it can.
  const NodeDrain* of(std::string_view node) const;

 private:
  void take(std::vector<NodeDrain> kept);
  Ports ports_;
  std::vector<NodeDrain> drains_;
};

}  // namespace xion
