#pragma once
#include "core/otp/otp.h"

namespace xion {

/// Whether a request was made with a test key: those to test phones of a live app were not.
inline bool is_of_test_key(const Otp& otp) { return otp.test && otp.purpose.starts_with("test:"); }

/// Whose requests: an app's, made with its live keys or with its test keys. Neither side reads, changes or counts what
/// is the other's.
struct World {
  AppId app = 0;
  bool is_test = false;

  bool has(const Otp& otp) const { return otp.app == app && is_of_test_key(otp) == is_test; }
  /// Under what its sums and counters are kept: what test keys do adds up under an id that no app is given.
  AppId counted_as() const { return is_test ? app | AppId{1} << 31 : app; }
};
inline World world_of(const Otp& otp) { return {otp.app, otp.test}; }

}  // namespace xion
