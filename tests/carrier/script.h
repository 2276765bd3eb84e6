#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "carrier/fault.h"
#include "smpp/receipt.h"

namespace xion::carrier {

/// What becomes of the messages to a phone.
struct Outcome {
  smpp::ReceiptState state = smpp::ReceiptState::delivered;
  std::string error = "000";    ///< `err:` of the receipt
  std::optional<Millis> delay;  ///< until the receipt; otherwise receipt-delay-ms holds
  std::uint32_t status = 0;     ///< of submit_sm_resp; other than 0 the message is refused
  bool has_receipt = true;
  std::shared_ptr<Faults> faults{};  ///< of this phone; null: none of its own
};

/// Digits alone: no `+`, no leading `00`, no spaces. How numbers are compared everywhere in the simulator.
std::string plain_number(std::string_view number);

/// Takes the first word of a line off it; empty where there is none.
std::string_view take_word(std::string_view& rest);

/// Outcomes by phone. A rule is one line: `+37499123056 outcome=UNDELIV err=011 delay=500`; a `*` at the end of the
/// number matches every number that begins so; the longest rule wins, a whole number over all.
/// Keys: `outcome=STATE` (DELIVRD, UNDELIV, EXPIRED, REJECTD, …, or `none`), `err=ABC`, `delay=MS`, `status=CODE`,
/// `fault=NAME[=VALUE]`, any number of times.
class Script {
 public:
  /// Adds or replaces one rule. Empty lines and lines that begin with `#` say nothing.
  /// Errors: a sentence that names what would be right.
  std::expected<void, std::string> add(std::string_view line);
  /// Errors: `FILE:LINE: …`.
  std::expected<void, std::string> load(const std::string& path);
  /// Null where no rule matches.
  const Outcome* find(std::string_view plain) const;

 private:
  struct Prefix {
    std::string digits;
    Outcome outcome;
  };
  std::unordered_map<std::string, Outcome> whole_;
  std::vector<Prefix> prefixes_;  ///< longest first
};

}  // namespace xion::carrier
