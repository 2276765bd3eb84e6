#include "sim/leaks.h"

#include <algorithm>

namespace xion::sim {
namespace {

/// Shorter runs of digits are found by chance: times, ids, counts.
constexpr std::size_t telling_digits = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Leaks::Wanted Leaks::wanted() const {
  Wanted wanted;
  for (const auto& [e164, phone] : ledger_.phones()) {
    wanted.phones.insert(e164.substr(1));
    wanted.phone_lengths.insert(e164.size() - 1);
    for (const auto& code : phone.codes) {
      if (code.digits.size() >= telling_digits) wanted.codes.insert(code.digits);
    }
  }
  return wanted;
}

bool Leaks::Wanted::has_phone(std::string_view run) const {
  for (const std::size_t length : phone_lengths) {
    for (std::size_t at = 0; at + length <= run.size(); ++at) {
      if (phones.contains(run.substr(at, length))) return true;
    }
  }
  return false;
}

void Leaks::search_store(const std::string& octets) { search(wanted(), octets, "the store"); }

void Leaks::search_log(const std::vector<std::string>& lines) {
  const Wanted all = wanted();
  for (const std::string& line : lines) search(all, line, "the log");
}

void Leaks::search(const Wanted& wanted, std::string_view text, std::string_view where) {
  for (auto at = text.begin(); at != text.end();) {
    at = std::find_if(at, text.end(), is_digit);
    const auto end = std::find_if_not(at, text.end(), is_digit);
    const std::string_view run(at, end);
    if (run.size() >= telling_digits) {
      const auto begin = static_cast<std::size_t>(at - text.begin());
      const auto around = text.substr(begin - std::min<std::size_t>(begin, 40), 100);
      if (wanted.codes.contains(run)) chronicle_.broken("no code is at rest or in a log", "in {}: {}", where, around);
      if (wanted.has_phone(run)) chronicle_.broken("no number is at rest or in a log", "in {}: {}", where, around);
    }
    at = end;
  }
}

}  // namespace xion::sim
