#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/texts/text_pattern.h"

namespace xion {

/// What a text costs and what is wrong with it, before it is saved.
struct TextLint {
  std::vector<PatternFinding> findings;
  std::string preview;           ///< Filled with a code of zeros and sample values.
  std::string_view encoding;     ///< "gsm7" or "ucs2"
  std::uint32_t characters = 0;  ///< Of the preview: septets for gsm7, UTF-16 units for ucs2.
  std::uint32_t segments = 0;    ///< Messages that the carrier charges for.
  std::uint32_t left = 0;        ///< Characters until the next segment.
  std::vector<std::string> variables;
  bool has_errors() const;
};

struct LintRequest {
  std::string_view pattern;
  std::string_view app_name;
  std::uint8_t code_length = 6;
  std::int64_t minutes = 5;
  TextVariables variables{};      ///< Values for the preview; one that is missing is taken as ten characters.
  std::uint8_t segments_max = 3;  ///< More are an error.
  bool is_notice = false;         ///< It tells something, and has no code.
};
TextLint lint_text(const LintRequest& request);

}  // namespace xion
