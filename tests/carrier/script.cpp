#include "carrier/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>

namespace xion::carrier {
namespace {

std::optional<std::uint32_t> number_in(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Puts `key=value` into the outcome; false where it is not one of ours.
bool apply(std::string_view word, Outcome& outcome) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos) return false;
  const auto key = word.substr(0, equals);
  const auto value = word.substr(equals + 1);
  if (key == "outcome") {
    outcome.has_receipt = value != "none";
    if (!outcome.has_receipt) return true;
    outcome.state = smpp::receipt_state_of(value);
    return outcome.state != smpp::ReceiptState::other;
  }
  if (key == "err") {
    outcome.error = value;
    return !value.empty() && value.size() <= 4;
  }
  if (key == "fault") {
    if (!outcome.faults) outcome.faults = std::make_shared<Faults>();
    return outcome.faults->set(value).has_value();
  }
  const auto number = number_in(value);
  if (!number) return false;
  if (key == "delay") {
    outcome.delay = Millis{*number};
  } else if (key == "status") {
    outcome.status = *number;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string_view take_word(std::string_view& rest) {
  const auto begin = rest.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) {
    rest = {};
    return {};
  }
  const auto end = std::min(rest.find_first_of(" \t\r", begin), rest.size());
  const auto word = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return word;
}

std::string plain_number(std::string_view number) {
  std::string plain;
  for (const char c : number) {
    if (c >= '0' && c <= '9') plain.push_back(c);
  }
  if (!number.starts_with('+') && plain.starts_with("00")) plain.erase(0, 2);
  return plain;
}

std::expected<void, std::string> Script::add(std::string_view line) {
  std::string_view rest = line;
  const auto number = take_word(rest);
  if (number.empty() || number.starts_with('#')) return {};
  const bool is_prefix = number.ends_with('*');
  const std::string digits = plain_number(number);
  if (digits.empty() && !is_prefix)
    return std::unexpected(fmt::format("`{}` is no number; expected +374… or +374*", number));

  Outcome outcome;
  for (auto word = take_word(rest); !word.empty(); word = take_word(rest)) {
    if (!apply(word, outcome)) {
      return std::unexpected(fmt::format(
          "`{}`: expected outcome=DELIVRD|UNDELIV|EXPIRED|REJECTD|none, err=ABC, delay=MS, status=CODE or fault=NAME",
          word));
    }
  }
  if (!is_prefix) {
    whole_[digits] = outcome;
    return {};
  }
  std::erase_if(prefixes_, [&](const Prefix& known) { return known.digits == digits; });
  const auto shorter =
      std::ranges::find_if(prefixes_, [&](const Prefix& known) { return known.digits.size() < digits.size(); });
  prefixes_.insert(shorter, Prefix{digits, outcome});
  return {};
}

std::expected<void, std::string> Script::load(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::unexpected(fmt::format("{}: cannot be read", path));
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (const auto added = add(line); !added)
      return std::unexpected(fmt::format("{}:{}: {}", path, number, added.error()));
  }
  return {};
}

const Outcome* Script::find(std::string_view plain) const {
  if (!whole_.empty()) {
    if (const auto found = whole_.find(std::string(plain)); found != whole_.end()) return &found->second;
  }
  for (const Prefix& prefix : prefixes_) {
    if (plain.starts_with(prefix.digits)) return &prefix.outcome;
  }
  return nullptr;
}

}  // namespace xion::carrier
