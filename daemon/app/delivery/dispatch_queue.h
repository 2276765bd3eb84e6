#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/otp/otp.h"
#include "core/settings.h"

namespace xion {

/// A message that waits for a carrier, with what its routing needs. In memory only: the store holds the truth.
struct DispatchItem {
  OtpId otp;
  std::uint8_t message = 0;
  AppId app = 0;
  std::string e164;
  std::string country;
  std::string app_name;
  std::string text_name;  ///< The name that the text says.
  std::string purpose;
  std::string group;  ///< `route` of the request.
  WallTime expires_at{};
  std::vector<std::string> tried;     ///< Carriers that refused it.
  std::vector<std::string> doubtful;  ///< Carriers that may have it: asked again only where no other is left.
  std::vector<std::string> returned;  ///< Carriers that gave it back for now: asked after those that have room.
  WallTime queued_at{};               ///< When it began to wait for its first carrier.
  WallTime submitted_at{};            ///< When it was last handed to a carrier.
  bool is_retry = false;
  bool was_handed_over = false;  ///< By another node.
};

/// Waiting messages, route by route, so that a route without room holds up no other. Within a route fresh codes go
/// before retries, and the nearest deadline first.
class DispatchQueue {
 public:
  void push(const RouteSettings* route, DispatchItem item);
  std::size_t size() const { return size_; }
  /// Whether a message that would be offered next waits for a carrier: its route has it, and it was not refused there.
  /// As far as `offer` looks.
  bool waits_for(std::string_view carrier, std::size_t look) const;

  /// Offers waiting messages in order. `take` says what to do with each: it is gone, it stays, or it stays and nothing
  /// further of its route has a chance now. At most `look` messages that stay are passed over in each route.
  enum class Verdict : std::uint8_t { taken, stays, route_is_full };
  void offer(std::size_t look, const std::function<Verdict(const RouteSettings*, DispatchItem&)>& take);

  /// When the one that has waited longest was queued; nothing: none waits. Looks at each of them.
  std::optional<WallTime> waiting_since() const;

  /// Takes everything out, to be pushed again under other routes.
  std::vector<DispatchItem> drain();

 private:
  struct Order {
    bool operator()(const DispatchItem& a, const DispatchItem& b) const;
  };
  using Waiting = std::set<DispatchItem, Order>;
  std::map<const RouteSettings*, Waiting> routes_;
  std::size_t size_ = 0;
};

}  // namespace xion
