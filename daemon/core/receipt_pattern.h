#pragma once
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "smpp/receipt_fields.h"

namespace xion {

/// A carrier's own shape of a receipt's text: a regular expression of RE2's syntax, in which the groups `id`, `stat`,
/// `err` and `done` are named. Its time is linear in the text, whatever a carrier sends.
class ReceiptPattern {
 public:
  /// None: the usual shape.
  ReceiptPattern() = default;
  /// Errors: what is wrong with it, as a sentence.
  static std::expected<ReceiptPattern, std::string> compile(std::string_view text);

  const std::string& text() const { return text_; }
  /// Null where there is none.
  const smpp::ReceiptReader* reader() const { return reader_.get(); }
  bool operator==(const ReceiptPattern& other) const { return text_ == other.text_; }

 private:
  std::string text_;
  std::shared_ptr<const smpp::ReceiptReader> reader_;
};

}  // namespace xion
