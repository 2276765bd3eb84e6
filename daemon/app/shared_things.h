#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "app/services.h"
#include "ports/cluster.h"

namespace xion {

/// Keeps what is in memory of shared things true: what another node changed is read anew, and again until the store
/// could be read. Loop thread only.
class SharedThings {
 public:
  explicit SharedThings(Services& services);

 private:
  /// What is read anew at once.
  enum class Part : std::uint8_t { webhooks, directory, templates, dashboard, carriers, key_ring, node_drains, count_ };
  static Part part_of(const ThingName& thing);
  void note(std::span<const ThingName> changed);
  void read();
  void read(Part part, std::move_only_function<void(bool)> done);

  Services& services_;
  std::array<bool, static_cast<std::size_t>(Part::count_)> is_stale_{};
  std::unique_ptr<Timer> timer_;
};

}  // namespace xion
