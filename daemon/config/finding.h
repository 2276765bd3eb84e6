#pragma once
#include <cstdint>
#include <string>

namespace xion {

/// Something wrong with the configuration, and where.
struct Finding {
  std::string file;          ///< As the user named it.
  std::uint32_t line = 0;    ///< From 1; 0: the file as a whole.
  std::uint32_t column = 0;  ///< From 1, in characters.
  std::string message;       ///< `carrier.window = 0: expected 1–1000`
  std::string hint;          ///< A sentence; may be empty.
  bool is_error = true;      ///< Otherwise a warning: the configuration can be used.
};

/// `file:line:column: message`, and the hint on a line of its own, as compilers write. Without a newline at the end.
std::string format_finding(const Finding& finding, bool colour);

}  // namespace xion
