#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace xion {

/// Where a text stops being JSON, as an editor counts: lines from 1 by line feeds, columns from 1 by characters.
struct JsonFault {
  std::size_t line = 1;
  std::size_t column = 1;
  std::string_view expected;  ///< Completes "expected …".
};

/// The first place at which `text` is not one JSON value; nothing: it is one. Costs a look at each octet, whatever it
/// is. Source: RFC 8259.
std::optional<JsonFault> json_fault(std::string_view text);

}  // namespace xion
