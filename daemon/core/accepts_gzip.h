#pragma once
#include <algorithm>
#include <string_view>

#include "base/trim.h"
#include "smpp/ascii.h"

namespace xion {

/// Whether an Accept-Encoding takes gzip. Source: RFC 9110 §12.5.3.
inline bool accepts_gzip(std::string_view accept_encoding) {
  // A parameter such as `q=0.5` leaves a coding acceptable: only a weight of zero does not.
  constexpr auto has_weight = [](std::string_view parameters) {
    const auto q = parameters.find("q=");
    return q == std::string_view::npos || parameters.find_first_of("123456789", q) != std::string_view::npos;
  };
  bool takes_any = false;
  while (!accept_encoding.empty()) {
    const auto comma = std::min(accept_encoding.find(','), accept_encoding.size());
    const auto item = accept_encoding.substr(0, comma);
    const auto coding = trimmed(item.substr(0, item.find(';')));
    const bool is_wanted = has_weight(item.substr(std::min(item.find(';'), item.size())));
    if (std::ranges::equal(coding, std::string_view("gzip"), {}, smpp::ascii::lower)) return is_wanted;
    takes_any |= coding == "*" && is_wanted;
    accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
  }
  return takes_any;
}

}  // namespace xion
