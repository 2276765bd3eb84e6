#pragma once
#include <string>

namespace xion {

/// Finds out whether the disk of a directory takes more, by writing a file of 256 KiB durably and removing it. Nothing,
/// or why not, as people say it: "the disk of the data directory is full (12 KiB free)".
std::string why_no_room(const std::string& directory);

}  // namespace xion
