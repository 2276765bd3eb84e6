#pragma once
#include <span>
#include <string_view>

namespace xion::dashboard {

/// A file of the page, as the build put it into the binary.
struct Asset {
  std::string_view path;  ///< "assets/3f2a…/app.js": the folder is a hash of all of them. "index.html" has no folder.
  std::string_view content_type;
  std::string_view etag;
  std::string_view gzip;
  std::string_view plain;  ///< For the rare client that takes no gzip.
};
std::span<const Asset> assets();

/// What the page's policy calls the styles and the script that stand in the page itself: "sha256-…". Source: CSP 3
/// §8.3.
std::string_view inline_style_hash();
std::string_view inline_script_hash();

}  // namespace xion::dashboard
