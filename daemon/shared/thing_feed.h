#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <absl/functional/function_ref.h>

#include "ports/cluster.h"
#include "ports/rows.h"

namespace xion {

/// Things that other nodes changed. Each node's are in the order of its commits, so that whoever has seen one has seen
/// all before it; of several nodes nobody has to take turns for that. What is gone stays as a row that says so.
class ThingFeed {
 public:
  /// Puts the changes of things in their order, and makes of what is erased a row that says that it is gone.
  static void mark(std::vector<RowChange>& changes, RowStamp stamp, WallTime now);
  static bool is_gone(const RowContent& thing) { return !thing.sorts[1].empty(); }

  void begin(NodeId self) { self_ = self; }
  /// It was read when the life began.
  void note(const StoredRow& thing);
  /// What to fetch: who there is, and what each changed since.
  std::vector<RangeWant> wants();
  struct Fresh {
    std::vector<ThingName> names;
    bool has_more = false;
  };
  /// Of what `wants` asked for.
  Fresh learn(const std::vector<std::vector<StoredRow>>& ranges, absl::FunctionRef<void(const StoredRow&)> visit);

 private:
  NodeId self_ = only_node;
  std::map<NodeId, std::string> seen_;  ///< Up to where, of each other node.
  std::vector<NodeId> asked_;
};

}  // namespace xion
