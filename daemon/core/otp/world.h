#pragma once
#include "core/otp/otp.h"

namespace xion {

/// Whose requests: an app's, made with its live keys or with its test keys. Neither side reads, changes or counts what
/// is the other's.
struct World {
  AppId app = 0;
  bool is_test = false;

  bool has(const Otp& otp) const { return otp.app == app && otp.test == is_test; }
  /// Under what its sums and counters are kept: what test keys do adds up under an id that no app is given.
  AppId counted_as() const { return is_test ? app | AppId{1} << 31 : app; }
};
inline World world_of(const Otp& otp) { return {otp.app, otp.test}; }

}  // namespace xion
