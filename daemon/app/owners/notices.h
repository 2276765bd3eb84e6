#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/ids.h"
#include "ports/cluster.h"

namespace xion {

/// Something that the owner of an app wants to hear of although no request of theirs ended: what webhooks are told.
struct Notice {
  std::string_view type;  ///< "usage.threshold", "fraud.alert"
  AppId app = 0;
  WallTime at{};
  std::string data;  ///< A JSON object.
  std::string
      subject;  ///< What it is about: the same notice of one subject is told once in ten minutes. Empty: always.
};

/// Who listens to notices. Loop thread only; a notice comes after the commit that holds its cause. What has a subject
/// is told by one node of all that come to it.
class Notices {
 public:
  using Listener = std::function<void(const Notice&)>;
  explicit Notices(Cluster& cluster) : cluster_(cluster) {}
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
  /// Does nothing where the same was told a moment ago.
  void tell(const Notice& notice);

 private:
  void tell_listeners(const Notice& notice);

  Cluster& cluster_;
  std::vector<Listener> listeners_;
  std::map<std::string, WallTime, std::less<>> told_;
};

}  // namespace xion
