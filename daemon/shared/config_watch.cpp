#include "shared/config_watch.h"

#include <utility>
#include <vector>

#include <fmt/ranges.h>

#include "base/log.h"

namespace xion {
namespace {

/// A reload takes no longer until every node has it.
constexpr Millis for_a_while{10'000};

}  // namespace

void ConfigWatch::look(const std::string& own, const std::map<std::string, std::string>& others, MonoTime now) {
  std::map<std::string, std::string> different;
  for (const auto& [name, hash] : others)
    if (hash != own && !hash.empty() && !own.empty()) different.emplace(name, own + "/" + hash);
  if (different != different_) {
    different_ = std::move(different);
    since_ = now;
    is_told_ = false;
  }
  if (different_.empty()) {
    if (std::exchange(is_anybody_told_, false)) log::info("cluster.config.agrees", "config_hash={}", own);
    return;
  }
  if (now - since_ < for_a_while || std::exchange(is_told_, true)) return;
  is_anybody_told_ = true;
  std::vector<std::string> names;
  for (const auto& [name, hashes] : different_) names.push_back(name);
  log::warning(
      "cluster.config.differs", "nodes={} hint=\"{}\"", fmt::join(names, ","),
      "their configuration is another than this node's: `xionctl cluster status`, then reload where it is old");
}

}  // namespace xion
