#pragma once
#include <array>
#include <cstddef>
#include <string_view>

#include "base/time.h"

namespace xion {

/// Tells one phone's full queue from the carrier's own: ESME_RMSGQFUL means either. Source: SMPP 5.0 §4.7.6, "may be of
/// one destination". Where most of the numbers that were answered lately got it, it is the carrier's; where few did,
/// their phones are off, and nobody else has to wait for that.
class FullQueues {
 public:
  void note(std::string_view destination, bool is_full, MonoTime now);
  bool is_of_carrier(MonoTime now) const;

 private:
  struct Answer {
    std::size_t destination = 0;  ///< Its hash.
    bool is_full = false;
    MonoTime at{};
    bool is_noted = false;
  };
  std::array<Answer, 64> answers_{};
  std::size_t next_ = 0;
};

}  // namespace xion
