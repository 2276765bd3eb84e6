#pragma once
#include "core/settings.h"

namespace xion {

/// The configuration that holds now: a reload puts another in its place. Loop thread only.
class SettingsInForce {
 public:
  explicit SettingsInForce(const Settings& settings) : settings_(&settings) {}
  const Settings& operator*() const { return *settings_; }
  const Settings* operator->() const { return settings_; }
  /// `settings` must outlive it. The old ones may go with the next turn of the loop.
  void replace(const Settings& settings) { settings_ = &settings; }

 private:
  const Settings* settings_;
};

}  // namespace xion
