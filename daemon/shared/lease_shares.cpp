#include "shared/lease_shares.h"

#include <algorithm>
#include <cstdint>

namespace xion {
namespace {

/// The same on every node, whatever release it runs: FNV-1a, mixed so that neighbours differ.
std::uint64_t rank_of(std::string_view lease, NodeId node) {
  std::uint64_t hash = 0xCBF29CE484222325;
  const auto add = [&hash](unsigned char octet) { hash = (hash ^ octet) * 0x100000001B3; };
  for (const char c : lease) add(static_cast<unsigned char>(c));
  add(node);
  hash ^= hash >> 32;
  hash *= 0xD6E8FEB86659FD93;
  return hash ^ hash >> 32;
}

/// The leases of a group, and who could have how many.
struct Group {
  std::set<std::string> leases;
  std::map<NodeId, std::size_t> held_by;  ///< Of those who wish for it, also those that have none.
  std::size_t least = 0, most = 0;        ///< A fair share.

  /// So many others lack.
  std::size_t lacking_but(NodeId self) const {
    std::size_t lacking = 0;
    for (const auto& [node, held] : held_by)
      if (node != self && held < least) lacking += least - held;
    return lacking;
  }
  /// So many are to come from `self`: one by one they go from whoever has the most to whoever has the least, until
  /// nobody has two more than another. What is free is nobody's loss, so a fair share stays with whoever has it.
  std::size_t gives_back(NodeId self) const {
    auto held = held_by;
    std::size_t count = 0;
    while (true) {
      const auto [poorest, richest] =
          std::ranges::minmax_element(held, {}, [](const auto& of_node) { return of_node.second; });
      if (richest->second <= least || richest->second - poorest->second < 2) return count;
      --richest->second;
      ++poorest->second;
      if (richest->first == self) ++count;
    }
  }
};

std::map<std::string, Group> groups_of(const LeaseMap& map, const std::set<std::string>& wished) {
  std::map<std::string, Group> groups;
  for (const std::string& lease : wished) groups[lease_group(lease)].leases.insert(lease);
  for (auto& [name, group] : groups) {
    group.held_by[map.self] = 0;
    for (const auto& [node, wishes] : map.wishes)
      if (wishes.contains(name)) group.held_by[node] = 0;
  }
  for (const auto& [lease, node] : map.held) {
    const auto group = groups.find(lease_group(lease));
    if (group == groups.end()) continue;
    group->second.leases.insert(lease);
    ++group->second.held_by[node];
  }
  for (auto& [name, group] : groups) {
    const std::size_t nodes = group.held_by.size();
    group.least = group.leases.size() / nodes;
    group.most = (group.leases.size() + nodes - 1) / nodes;
  }
  return groups;
}

/// Of those who have less than they might the one that ranks first.
NodeId first_choice(std::string_view lease, const Group& group, NodeId self) {
  NodeId first = self;
  for (const auto& [node, held] : group.held_by)
    if (held < group.most && rank_of(lease, node) > rank_of(lease, first)) first = node;
  return first;
}

}  // namespace

std::string lease_group(std::string_view lease) { return std::string(lease.substr(0, lease.rfind('/'))); }

std::vector<std::string> leases_to_take(const LeaseMap& map, const std::set<std::string>& wished,
                                        const std::set<std::string>& free_before) {
  std::vector<std::string> taken;
  for (auto& [name, group] : groups_of(map, wished)) {
    std::vector<std::string> free;
    for (const std::string& lease : group.leases)
      if (!map.held.contains(lease) && wished.contains(lease)) free.push_back(lease);
    std::ranges::sort(free, std::ranges::greater(), [&](const std::string& lease) { return rank_of(lease, map.self); });
    const std::size_t lacking = group.lacking_but(map.self);
    std::size_t& held = group.held_by[map.self];
    std::size_t left = free.size();
    for (const std::string& lease : free) {
      const bool is_fair = held < group.least || (held < group.most && left > lacking);
      const bool is_turn = first_choice(lease, group, map.self) == map.self || free_before.contains(lease);
      if (!is_fair || !is_turn) continue;
      taken.push_back(lease);
      ++held;
      --left;
    }
  }
  return taken;
}

std::vector<std::string> leases_to_give_back(const LeaseMap& map, const std::set<std::string>& wished) {
  std::vector<std::string> given;
  for (auto& [name, group] : groups_of(map, wished)) {
    std::size_t count = group.gives_back(map.self);
    std::vector<std::string> ours;
    for (const std::string& lease : group.leases)
      if (const auto at = map.held.find(lease); at != map.held.end() && at->second == map.self) ours.push_back(lease);
    std::ranges::sort(ours, {}, [&](const std::string& lease) { return rank_of(lease, map.self); });
    if (ours.size() > count) ours.resize(count);
    given.insert(given.end(), ours.begin(), ours.end());
  }
  return given;
}

}  // namespace xion
