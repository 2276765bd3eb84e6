#pragma once
#include "config/reading.h"

/// The tables of a file, each read into its part of the settings.
namespace xion::config {

/// Reads one parsed file. `include` is left to the caller; it is refused where `may_include` is false.
void read_sections(const toml::table& root, bool may_include, Reading& reading);

/// What can only be judged when everything is read: names that must exist, values that must agree.
void check_whole(Draft& draft);

}  // namespace xion::config
