#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.h"

namespace xion {

/// Phones that somebody looks at for a while: whoever makes a request tells, so that its lines in the log are known as
/// the phone's. Costs nothing while nobody looks. Loop thread only.
class PhoneWatch {
 public:
  /// False: it is called no more.
  using Found = std::function<bool(const OtpId& request)>;

  void add(std::string e164, Found found) { watched_.emplace_back(std::move(e164), std::move(found)); }
  void note(std::string_view e164, const OtpId& request) {
    if (watched_.empty()) return;
    std::erase_if(watched_, [&](const auto& watched) { return watched.first == e164 && !watched.second(request); });
  }

 private:
  std::vector<std::pair<std::string, Found>> watched_;
};

}  // namespace xion
