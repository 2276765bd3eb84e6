#pragma once
#include <string>
#include <string_view>

namespace xion {

/// Appends one line to a text of comma-separated values, quoted where it must be; its end comes with its destruction.
/// Source: RFC 4180.
class CsvLine {
 public:
  explicit CsvLine(std::string& out) : out_(out) {}
  CsvLine(const CsvLine&) = delete;
  CsvLine& operator=(const CsvLine&) = delete;
  ~CsvLine() { out_ += "\r\n"; }
  /// `csv_harmless` stands in for it.
  CsvLine& add(std::string_view text);

 private:
  std::string& out_;
  bool is_first_ = true;
};

/// A text that a spreadsheet would take for a formula, with a `'` before it; all else as it is, numbers and phones
/// (`+374•••••056`) included. Source: OWASP, CSV Injection.
std::string csv_harmless(std::string_view text);

}  // namespace xion
