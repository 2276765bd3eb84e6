#include <algorithm>

#include "config/forms.h"
#include "config/schema.h"

namespace xion::config {
namespace {

using enum Takes;

/// What a host may be called, and a label of a metric. Source: RFC 1123 §2.1.
bool is_node_name(std::string_view text) {
  const auto is_of_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  return text.size() <= 64 && std::ranges::all_of(text, is_of_name);
}
constexpr Form node_form{"at most 64 letters, digits, dots, - and _", is_node_name};

}  // namespace

const Keys<ClusterSettings>& cluster_keys() {
  static const Keys<ClusterSettings> keys{
      {"node", text(&ClusterSettings::node, node_form),
       "This node's name among those that share the database; empty: $XIONID_NODE, or what the host is called.",
       next_start},
      {"lease_seconds", seconds(&ClusterSettings::lease, 3, 60),
       "Silence after which a node is taken for dead, and what it held is others'.", next_start},
      {"rebalance_seconds", seconds(&ClusterSettings::rebalance, 1, 86'400),
       "So long no node came or went before binds are shared out anew.", next_start},
  };
  return keys;
}

}  // namespace xion::config
