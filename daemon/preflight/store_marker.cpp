#include "preflight/store_marker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace xion {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view marker_folder = "xionid-known";
constexpr std::string_view marker_name = ".store-made";

/// Of systemd.exec(5): folders of StateDirectory=, colons between them.
std::string folder_of(const std::string& config_path) {
  const char* given = std::getenv("STATE_DIRECTORY");
  for (std::string_view rest = given == nullptr ? "" : given; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(':'));
    if (one.ends_with(marker_folder)) return std::string(one);
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  // Who asks as root asks for the service.
  const std::string of_service = fmt::format("/var/lib/{}", marker_folder);
  std::error_code ignored;
  if (config_path.starts_with("/etc/xionid/") && fs::is_directory(of_service, ignored)) return of_service;
  return fs::path(config_path).parent_path().string();
}

bool has_store(const std::string& data_dir) { return ::access((data_dir + "/data.mdb").c_str(), F_OK) == 0; }

}  // namespace

StoreMarker::StoreMarker(const std::string& config_path)
    : path_(fmt::format("{}/{}", folder_of(config_path), marker_name)) {}

std::optional<std::string> StoreMarker::why_no_new_store(const std::string& data_dir) const {
  std::ifstream in(path_);
  std::string made_in;
  if (has_store(data_dir) || !std::getline(in, made_in)) return std::nullopt;
  const std::string where = made_in == data_dir ? "it" : made_in;
  return fmt::format(
      "{} holds no store, though one was made in {}: is its disk mounted? Mount it, or restore a backup; "
      "`xiond --init` makes a new store",
      data_dir, where);
}

void StoreMarker::set(const std::string& data_dir) const {
  std::ifstream in(path_);
  std::string made_in;
  if (std::getline(in, made_in) && made_in == data_dir) return;
  std::ofstream(path_, std::ios::trunc) << data_dir << '\n';
}

}  // namespace xion
