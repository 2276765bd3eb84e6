#include "api/call/phone_field.h"

#include "app/owners/network.h"
#include "core/phone_text.h"

namespace xion {

std::expected<Phone, Problem> read_phone(PhoneCache& phones, std::string_view phone, std::string_view country) {
  auto read = phones.parse(phone, country);
  if (read) return std::move(*read);
  std::string detail(describe(read.error()));
  if (read.error() == PhoneError::not_digits) {
    if (const std::string strange = strange_character(phone); !strange.empty())
      detail.append(" It has ").append(strange).append(".");
  }
  Problem problem(ErrorCode::invalid_phone, std::move(detail));
  const bool is_country = read.error() == PhoneError::unknown_country || read.error() == PhoneError::other_country;
  problem.with("field", is_country ? "country" : "phone");
  return std::unexpected(std::move(problem));
}

bool read_country(std::string_view text, std::string& country) {
  if (text.size() != 2) return false;
  country.clear();
  for (const char c : text) {
    const bool is_lower = c >= 'a' && c <= 'z';
    if (!is_lower && (c < 'A' || c > 'Z')) return false;
    country.push_back(is_lower ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return true;
}

bool read_user_ip(std::string_view text, std::optional<std::string>& user_ip) {
  const auto address = parse_ip_address(text);
  if (address) user_ip = to_string(*address);
  return address.has_value();
}

}  // namespace xion
