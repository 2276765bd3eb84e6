#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// A month's volume of an app, where several nodes charge it: each spends what it was granted without asking, so that
/// nodes that send at once do not meet, and all of them together never spend more than the volume.
namespace xion {

/// What a node was granted, and what it has spent of that.
struct VolumeShare {
  std::uint64_t included = 0;  ///< The volume that the grant is of; 0: none, the last message had no bound.
  std::uint64_t granted = 0;
  std::uint64_t spent = 0;
  std::uint64_t unbounded = 0;  ///< Messages beside that, while the month had no bound.

  bool has_left(std::uint64_t of_included) const { return included == of_included && spent < granted; }
};
std::string to_row(const VolumeShare& share);
VolumeShare volume_share_from(std::string_view row);

/// Whoever takes a grant writes it: there nodes meet.
struct VolumePool {
  std::uint64_t before = 0;   ///< Messages of the month before there were shares.
  std::uint64_t granted = 0;  ///< To all nodes.
};
std::string to_row(const VolumePool& pool);
VolumePool volume_pool_from(std::string_view row);

struct VolumeGrant {
  std::uint64_t messages = 0;  ///< 0: all of the volume is spent.
  /// What nodes have left of their grants is taken back for it.
  bool takes_back = false;
};
/// What a node is granted that has nothing left: a part of what nobody has, in ever smaller steps, down to one message.
/// `shares`: of all nodes, `own` among them.
VolumeGrant next_grant(const VolumePool& pool, std::span<const VolumeShare> shares, const VolumeShare& own,
                       std::uint64_t included);

}  // namespace xion
