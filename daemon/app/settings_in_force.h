#pragma once
#include <memory>

#include "core/settings.h"

namespace xion {

/// The configuration that holds now: a reload puts another in its place. Loop thread only.
class SettingsInForce {
 public:
  explicit SettingsInForce(const Settings& settings)
      : settings_(&settings), prices_(std::make_shared<const Prices>(settings.prices)) {}
  const Settings& operator*() const { return *settings_; }
  const Settings* operator->() const { return settings_; }
  /// `settings` must outlive it. The old ones may go with the next turn of the loop.
  void replace(const Settings& settings) { *this = SettingsInForce(settings); }
  /// As a value that nothing changes: tasks may hold it while a reload makes another.
  const std::shared_ptr<const Prices>& prices() const { return prices_; }

 private:
  const Settings* settings_;
  std::shared_ptr<const Prices> prices_;
};

}  // namespace xion
