#include "core/otp/search_names.h"

namespace xion {
namespace {

/// What stands before a name says what it names. Hashes of them are on disk: they stay. A NUL is in none of the texts.
std::string name_of(char what, std::string_view text) { return std::string(1, '\0').append(1, what).append(text); }

bool is_usual(std::string_view kept_purpose) { return kept_purpose == "default" || kept_purpose == "test:default"; }

}  // namespace

std::string user_name(std::string_view user_id) { return name_of('u', user_id); }
std::string purpose_name(std::string_view kept_purpose) {
  return is_usual(kept_purpose) ? std::string() : name_of('p', kept_purpose);
}
std::string metadata_name(std::string_view name, std::string_view value) {
  return name_of('m', name).append(1, '\0').append(value);
}

std::vector<std::string> search_names(const Otp& otp) {
  std::vector<std::string> names;
  if (!otp.user_id.empty()) names.push_back(user_name(otp.user_id));
  if (!is_usual(otp.purpose)) names.push_back(purpose_name(otp.purpose));
  for (const auto& [name, value] : otp.metadata) names.push_back(metadata_name(name, value));
  return names;
}

}  // namespace xion
