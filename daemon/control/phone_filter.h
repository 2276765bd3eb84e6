#pragma once
#include <cstdint>
#include <deque>
#include <string>

#include "app/delivery/trace_tap.h"

namespace xion::control {

/// Which PDUs a trace shows: all of them, or those about one phone with the responses to them.
class PhoneFilter {
 public:
  /// Empty: all.
  explicit PhoneFilter(std::string_view e164);
  bool shows(const TracedPdu& traced);

 private:
  struct Asked {
    std::uint32_t bind;
    bool by_us;
    std::uint32_t sequence;
    bool operator==(const Asked&) const = default;
  };
  std::string digits_;
  std::deque<Asked> awaited_;
};

}  // namespace xion::control
