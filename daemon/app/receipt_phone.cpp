#include "app/receipt_phone.h"

#include <algorithm>
#include <string_view>

namespace xion {
namespace {

/// The shortest and the longest that a phone's number is, with its country code or without. ITU-T E.164.
constexpr std::size_t phone_digits_min = 6;
constexpr std::size_t phone_digits_max = 15;

}  // namespace

std::string e164_of(const smpp::Address& address) {
  std::string_view digits = address.digits;
  digits.remove_prefix(std::min(digits.find_first_not_of("+0"), digits.size()));
  const bool is_phone = digits.size() >= phone_digits_min && digits.size() <= phone_digits_max &&
                        std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  return is_phone ? "+" + std::string(digits) : std::string();
}

bool is_about(const StoredReceipt& receipt, const Otp& otp, Vault& vault) {
  if (receipt.phone == otp.phone || receipt.phone == Fingerprint{}) return true;
  const auto phone = vault.open_phone(otp.id, otp.phone_sealed);
  if (!phone) return false;
  // Of the receipt's number only the fingerprint is kept: so that of ours less its first digits is held against it.
  std::string_view national = phone->reveal();
  national.remove_prefix(1);
  while (national.size() > phone_digits_min) {
    national.remove_prefix(1);
    if (receipt.phone == vault.phone_fingerprint("+" + std::string(national))) return true;
  }
  return false;
}

}  // namespace xion
