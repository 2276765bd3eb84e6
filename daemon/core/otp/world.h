#pragma once
#include <string_view>

#include "core/otp/otp.h"

namespace xion {

/// Requests of test keys are kept under purposes that no caller can name, beside the real ones.
inline constexpr std::string_view test_purpose_mark = "test:";

/// Whether a request was made with a test key: those to test phones of a live app were not.
inline bool is_of_test_key(const Otp& otp) { return otp.test && otp.purpose.starts_with(test_purpose_mark); }

/// A kept purpose as whoever sent it wrote it.
inline std::string_view shown_purpose(std::string_view kept_purpose) {
  if (kept_purpose.starts_with(test_purpose_mark)) kept_purpose.remove_prefix(test_purpose_mark.size());
  return kept_purpose;
}

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
