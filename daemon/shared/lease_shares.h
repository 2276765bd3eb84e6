#pragma once
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/row_id.h"

/// Who takes which lease, and who gives one back, so that nodes that live have about as many each. Pure: every node
/// decides by itself, of what all of them see.
namespace xion {

/// Leases of which one is as good as the other: what stands before the last '/', or the whole name.
std::string lease_group(std::string_view lease);

/// How leases are held, as a node sees it.
struct LeaseMap {
  NodeId self = only_node;
  std::map<std::string, NodeId> held;              ///< By nodes that live, by name.
  std::map<NodeId, std::set<std::string>> wishes;  ///< Groups, of each node that lives, this one too.
};

/// Those that are free and wished for here, so that nobody else is left with less than a fair share. Of several nodes
/// that could take one the first choice falls to one of them; `free_before` are those that were free a look ago, which
/// whoever comes may take.
std::vector<std::string> leases_to_take(const LeaseMap& map, const std::set<std::string>& wished,
                                        const std::set<std::string>& free_before);

/// Those held here that others lack.
std::vector<std::string> leases_to_give_back(const LeaseMap& map, const std::set<std::string>& wished);

}  // namespace xion
