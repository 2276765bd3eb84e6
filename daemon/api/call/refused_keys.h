#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"

namespace xion {

/// Tells the log of calls that were refused for their key: of each address a few a minute, so that whoever tries keys
/// is seen, and fills no disk.
class RefusedKeys {
 public:
  static constexpr std::uint32_t told_of_an_address = 5;  ///< In a minute.
  static constexpr std::size_t addresses_at_most = 1'000;

  struct Refused {
    std::string_view reason;   ///< A code of the error catalogue.
    std::string_view key_id;   ///< Empty: it is none of ours.
    std::string_view address;  ///< Empty: by a Unix socket.
  };
  /// Whether this one was told.
  bool note(const Refused& refused, MonoTime now);

 private:
  void begin_minute(MonoTime now);

  MonoTime began_{};
  std::unordered_map<std::string, std::uint32_t> told_;  ///< By address, in this minute.
  std::uint64_t untold_ = 0;
};

}  // namespace xion
