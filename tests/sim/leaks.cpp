#include "sim/leaks.h"

namespace xion::sim {
namespace {

/// Shorter runs of digits are found by chance: times, ids, counts.
constexpr std::size_t telling_digits = 8;
constexpr std::string_view digits = "0123456789";

struct Wanted {
  std::set<std::string, std::less<>> codes, phones;
  std::set<std::size_t> phone_lengths;
};

Wanted wanted_of(const Ledger& ledger) {
  Wanted wanted;
  for (const auto& [e164, phone] : ledger.phones()) {
    wanted.phones.insert(e164.substr(1));
    wanted.phone_lengths.insert(e164.size() - 1);
    for (const auto& code : phone.codes) {
      if (code.digits.size() >= telling_digits) wanted.codes.insert(code.digits);
    }
  }
  return wanted;
}

bool has_phone(const Wanted& wanted, std::string_view run) {
  for (const std::size_t length : wanted.phone_lengths) {
    for (std::size_t at = 0; at + length <= run.size(); ++at) {
      if (wanted.phones.contains(run.substr(at, length))) return true;
    }
  }
  return false;
}

}  // namespace

void Leaks::search_store(const std::string& octets) { search(octets, "the store"); }
void Leaks::search_log() { search(log_, "the log"); }

void Leaks::search(std::string_view text, std::string_view where) {
  const Wanted wanted = wanted_of(ledger_);
  for (auto at = text.find_first_of(digits); at != std::string_view::npos;) {
    const auto end = std::min(text.find_first_not_of(digits, at), text.size());
    const auto run = text.substr(at, end - at);
    if (run.size() >= telling_digits) {
      const auto around = text.substr(at - std::min<std::size_t>(at, 40), 100);
      if (wanted.codes.contains(run)) chronicle_.broken("no code is at rest or in a log", "in {}: {}", where, around);
      if (has_phone(wanted, run)) chronicle_.broken("no number is at rest or in a log", "in {}: {}", where, around);
    }
    at = text.find_first_of(digits, end);
  }
}

}  // namespace xion::sim
