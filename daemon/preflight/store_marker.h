#pragma once
#include <optional>
#include <string>

namespace xion {

/// That a store was made, kept apart from it: where the data directory is empty all the same, its disk is not mounted,
/// or somebody emptied it, and a new store in its place would hide that.
///
/// It is a file in the second StateDirectory= of the unit, else beside the configuration; where neither can be written,
/// there is none, and nobody is warned.
class StoreMarker {
 public:
  explicit StoreMarker(const std::string& config_path);
  /// Why a daemon may not make a store in a directory that has none; nothing where it is the first.
  std::optional<std::string> why_no_new_store(const std::string& data_dir) const;
  /// There is one now.
  void set(const std::string& data_dir) const;

 private:
  std::string path_;
};

}  // namespace xion
