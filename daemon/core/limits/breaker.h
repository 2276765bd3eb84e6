#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace xion {

enum class BreakerState : std::uint8_t {
  closed,
  open,       ///< Fails too often: passed over where the route has another carrier.
  half_open,  ///< The next message finds out.
};
std::string_view to_string(BreakerState state);

/// Whether a carrier is worth asking, told from how its latest submits ended. Opens after five failures in a row, or
/// ten among twenty; after a wait, which doubles each time, one message may try: its outcome closes the breaker or
/// opens it again. Outcomes of messages that were under way when it opened tell nothing new.
class Breaker {
 public:
  static constexpr Millis first_wait{5'000};
  static constexpr Millis longest_wait{5 * 60'000};

  BreakerState state(MonoTime now) const;
  /// When it turns half open; nothing: it is not open.
  std::optional<MonoTime> half_open_at() const { return is_open_ ? std::optional(open_until_) : std::nullopt; }
  /// A message is on its way: of half-open, the one that finds out.
  void asked(MonoTime now);
  /// Returns whether it closed.
  bool succeeded();
  /// Returns whether it opened.
  bool failed(MonoTime now);

 private:
  std::uint32_t outcomes_ = 0;  ///< One bit each, the latest lowest; 1: failed.
  bool is_open_ = false;
  bool is_probing_ = false;
  MonoTime open_until_{};
  Millis wait_{first_wait};
};

}  // namespace xion
