#include "app/delivery/receipt_phone.h"

#include <algorithm>

namespace xion {
namespace {

/// The shortest and the longest that a phone's number is, with its country code or without. ITU-T E.164.
constexpr std::size_t phone_digits_min = 6;
constexpr std::size_t phone_digits_max = 15;
/// So many last digits are a number's own, whatever stands before them.
constexpr std::size_t tail_digits = 8;
/// Of a number with digits more in the middle so many first ones are the country code.
constexpr std::size_t country_digits_min = 2;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t same_ending(std::string_view a, std::string_view b) {
  const auto [at, end] = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  return static_cast<std::size_t>(at - a.rbegin());
}
std::size_t same_beginning(std::string_view a, std::string_view b) {
  const auto [at, end] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(at - a.begin());
}

PhoneFit fit_of(std::string_view named, std::string_view ours) {
  if (named == ours) return PhoneFit::same;
  const std::size_t shorter = std::min(named.size(), ours.size());
  const std::size_t ending = same_ending(named, ours);
  if (ending == shorter && shorter >= phone_digits_min) return PhoneFit::national;
  if (ending < tail_digits) return PhoneFit::disagrees;
  const std::size_t beginning = same_beginning(named, ours);
  const bool is_longer_inside =
      named.size() != ours.size() && beginning >= country_digits_min && beginning + ending >= shorter;
  return is_longer_inside ? PhoneFit::respelt : PhoneFit::tail;
}

/// The tail's fingerprint is of a text that no number is.
Fingerprint tail_of(std::string_view digits, Vault& vault) {
  if (digits.size() < tail_digits) return {};
  return vault.phone_fingerprint("…" + std::string(digits.substr(digits.size() - tail_digits)));
}

}  // namespace

std::string e164_of(const smpp::Address& address) {
  std::string_view digits = address.digits;
  digits.remove_prefix(std::min(digits.find_first_not_of("+0"), digits.size()));
  const bool is_phone =
      digits.size() >= phone_digits_min && digits.size() <= phone_digits_max && std::ranges::all_of(digits, is_digit);
  return is_phone ? "+" + std::string(digits) : std::string();
}

std::vector<std::string> named_numbers(const smpp::Address& source, const smpp::Address& destination) {
  std::vector<std::string> named;
  for (const smpp::Address* address : {&source, &destination}) {
    // The digits at its end: a routing prefix may have letters.
    std::string_view digits = address->digits;
    const auto letter = std::ranges::find_if_not(digits.rbegin(), digits.rend(), is_digit);
    digits.remove_prefix(static_cast<std::size_t>(digits.rend() - letter));
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() >= phone_digits_min) named.emplace_back(digits);
  }
  return named;
}

PhoneFit phone_fit(std::span<const std::string> named, std::string_view e164) {
  if (named.empty()) return PhoneFit::none_named;
  const std::string_view ours = e164.substr(e164.starts_with('+') ? 1 : 0);
  PhoneFit best = PhoneFit::disagrees;
  for (const std::string& number : named) best = std::max(best, fit_of(number, ours));
  return best;
}

std::vector<NamedPhone> named_phones(std::span<const std::string> named, Vault& vault) {
  std::vector<NamedPhone> phones;
  for (const std::string& number : named) {
    phones.push_back({vault.phone_fingerprint("+" + number), tail_of(number, vault)});
  }
  return phones;
}

PhoneFit phone_fit(std::span<const NamedPhone> named, std::string_view e164, Vault& vault) {
  if (named.empty()) return PhoneFit::none_named;
  std::string_view ours = e164.substr(e164.starts_with('+') ? 1 : 0);
  const auto is_whole = [&](const Fingerprint& print) {
    return std::ranges::find(named, print, &NamedPhone::whole) != named.end();
  };
  if (is_whole(vault.phone_fingerprint(e164))) return PhoneFit::same;
  const Fingerprint tail = tail_of(ours, vault);
  while (ours.size() > phone_digits_min) {
    ours.remove_prefix(1);
    if (is_whole(vault.phone_fingerprint("+" + std::string(ours)))) return PhoneFit::national;
  }
  const bool has_tail = tail != Fingerprint{} && std::ranges::find(named, tail, &NamedPhone::tail) != named.end();
  return has_tail ? PhoneFit::tail : PhoneFit::disagrees;
}

}  // namespace xion
