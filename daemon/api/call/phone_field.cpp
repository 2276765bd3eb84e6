#include "api/call/phone_field.h"

#include "app/owners/network.h"

namespace xion {

std::expected<Phone, Problem> read_phone(PhoneCache& phones, std::string_view phone, std::string_view country) {
  auto read = phones.parse(phone, country);
  if (read) return std::move(*read);
  const bool is_about_country =
      read.error() == PhoneError::unknown_country || read.error() == PhoneError::another_country;
  Problem problem(ErrorCode::invalid_phone, describe(read.error(), phone));
  problem.with("field", is_about_country ? "country" : "phone");
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
  if (address) user_ip = to_string(end_user_of(*address));
  return address.has_value();
}

}  // namespace xion
