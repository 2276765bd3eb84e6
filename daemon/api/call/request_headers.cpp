#include "api/call/request_headers.h"

#include <algorithm>

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

}  // namespace xion
