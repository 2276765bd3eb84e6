#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/services.h"
#include "core/phone.h"

namespace xion::control {

/// Phones of which everything is logged, whatever the level: every line about one of their requests, and their PDUs.
/// Each trace ends by itself. Loop thread only.
class PhoneTraces {
 public:
  explicit PhoneTraces(Services& services) : services_(services) {}
  ~PhoneTraces();

  struct View {
    std::string phone;  ///< Masked.
    WallTime until{};
    std::size_t requests = 0;
  };
  std::vector<View> view() const;
  /// Begins a trace, or makes a running one end at `now + span`. False: so many are on already.
  bool start(const Phone& phone, Seconds span);
  /// False: it isn't traced.
  bool stop(const std::string& e164);
  /// A new configuration may have replaced carriers.
  void follow_carriers();

 private:
  struct Trace {
    std::string masked;
    WallTime until{};
    std::deque<std::string> requests;  ///< Ids, oldest first.
    std::unique_ptr<Timer> timer;
  };
  using TraceRef = std::shared_ptr<Trace>;
  void find_requests(const std::string& e164, const TraceRef& trace);
  void add(const TraceRef& trace, std::string request);
  void tap(const std::string& e164, const TraceRef& trace);
  void mark_lines() const;

  Services& services_;
  std::map<std::string, TraceRef> traces_;  ///< By E.164.
  std::uint64_t taps_ = 0;                  ///< Taps of an earlier number end with their next PDU.
};

}  // namespace xion::control
