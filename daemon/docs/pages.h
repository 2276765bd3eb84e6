#pragma once
#include <span>
#include <string_view>

namespace xion::docs {

/// A page of the developer's guide or a file that its pages share, as the build put it into the binary.
struct Page {
  std::string_view
      path;  ///< Below /docs/; empty: the guide. "assets/3f2a…/docs.css": the folder is a hash of them all.
  std::string_view content_type;
  std::string_view etag;
  std::string_view gzip;
  std::string_view plain;  ///< For the rare client that takes no gzip.
};
std::span<const Page> pages();

}  // namespace xion::docs
