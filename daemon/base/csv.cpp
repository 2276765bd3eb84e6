#include "base/csv.h"

namespace xion {

CsvLine& CsvLine::add(std::string_view text) {
  if (!is_first_) out_.push_back(',');
  is_first_ = false;
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out_ += text;
    return *this;
  }
  out_.push_back('"');
  for (const char c : text) {
    if (c == '"') out_.push_back('"');
    out_.push_back(c);
  }
  out_.push_back('"');
  return *this;
}

std::string csv_harmless(std::string_view text) {
  const bool is_formula = !text.empty() && std::string_view("=+-@\t\r").contains(text.front());
  return is_formula ? "'" + std::string(text) : std::string(text);
}

}  // namespace xion
