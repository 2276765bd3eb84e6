#pragma once
#include <string_view>

#include "config/reading.h"

/// Named sets of quirks: keys of a `[[carrier]]` that a block takes over by `profile`.
namespace xion::config {

/// Those that come with the program, as `conf/profiles.toml` has them.
std::string_view shipped_profiles();

/// Takes the shipped ones over. To be called once, before any file's.
void read_shipped_profiles(Draft& draft);
/// `[profiles.NAME]` of a file; one of a shipped name replaces that.
void read_profiles(const toml::table& root, Reading& reading);

/// Gives a carrier what the profile that its block names has. Null where it names none, or there is no such.
const toml::table* apply_profile(const toml::table& block, CarrierSettings& carrier, Reading& reading);

}  // namespace xion::config
