#include "api/call/request_headers.h"

#include <algorithm>

#include "base/trim.h"
#include "smpp/ascii.h"

namespace xion {

bool is_json_type(std::string_view content_type) {
  auto essence = content_type.substr(0, content_type.find(';'));
  while (essence.ends_with(' ') || essence.ends_with('\t')) essence.remove_suffix(1);
  constexpr std::string_view json = "application/json";
  return std::ranges::equal(essence, json, {}, smpp::ascii::lower);
}

bool is_idempotency_key(std::string_view key) {
  return !key.empty() && key.size() <= 255 && std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7F; });
}

bool is_correlator(std::string_view text) {
  static constexpr std::string_view others = "-_:;./<>{}";
  return !text.empty() && text.size() <= 256 && std::ranges::all_of(text, [](char c) {
    return smpp::ascii::is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

namespace {

/// Whether a parameter such as `q=0.5` leaves a coding acceptable: only a weight of zero does not.
bool has_weight(std::string_view parameters) {
  const auto q = parameters.find("q=");
  return q == std::string_view::npos || parameters.find_first_of("123456789", q) != std::string_view::npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
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
