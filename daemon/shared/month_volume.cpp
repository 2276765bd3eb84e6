#include "shared/month_volume.h"

#include <algorithm>

#include "base/octets.h"

namespace xion {
namespace {

constexpr std::uint8_t volume_row_format = 1;
/// So that nodes rarely meet, and none sits on much that others need.
constexpr std::uint64_t steps = 128, largest_step = 1'000;

std::uint64_t less(std::uint64_t all, std::uint64_t part) { return all > part ? all - part : 0; }
std::uint64_t step_of(std::uint64_t left) {
  return left == 0 ? 0 : std::clamp<std::uint64_t>(left / steps, 1, largest_step);
}

}  // namespace

std::string to_row(const VolumeShare& share) {
  std::string row;
  OctetWriter out(row);
  out.u8(volume_row_format);
  for (const std::uint64_t each : {share.included, share.granted, share.spent, share.unbounded}) out.varint(each);
  return row;
}

VolumeShare volume_share_from(std::string_view row) {
  OctetReader in(row);
  VolumeShare share;
  if (in.u8() != volume_row_format) return share;
  for (std::uint64_t* each : {&share.included, &share.granted, &share.spent, &share.unbounded}) *each = in.varint();
  return in.failed() ? VolumeShare{} : share;
}

std::string to_row(const VolumePool& pool) {
  std::string row;
  OctetWriter out(row);
  out.u8(volume_row_format);
  out.varint(pool.before);
  out.varint(pool.granted);
  return row;
}

VolumePool volume_pool_from(std::string_view row) {
  OctetReader in(row);
  VolumePool pool;
  if (in.u8() != volume_row_format) return pool;
  pool.before = in.varint();
  pool.granted = in.varint();
  return in.failed() ? VolumePool{} : pool;
}

VolumeGrant next_grant(const VolumePool& pool, std::span<const VolumeShare> shares, const VolumeShare& own,
                       std::uint64_t included) {
  std::uint64_t spent = 0, free_of_grants = pool.before;
  for (const VolumeShare& share : shares) {
    spent += share.spent;
    free_of_grants += share.unbounded;
  }
  const std::uint64_t volume = less(included, free_of_grants);
  const bool has_none = own.spent == own.granted;
  if (const std::uint64_t left = less(volume, pool.granted); has_none && left > 0) return {step_of(left), false};
  return {step_of(less(volume, spent)), true};
}

}  // namespace xion
