#include "app/codes/text_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/suggest.h"
#include "core/texts/links.h"
#include "core/texts/text_pattern.h"

namespace xion {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Places = std::vector<std::string>;

bool has_name(const Pairs& pairs, std::string_view name) {
  return std::ranges::any_of(pairs, [&](const auto& pair) { return pair.first == name; });
}

TextFault no_place(std::string field, const std::string& name, const Places& places) {
  const std::vector<std::string_view> known(places.begin(), places.end());
  const auto meant = closest(name, known);
  std::string detail = places.empty() ? std::string("This text has no variables")
                       : meant ? fmt::format("The text has no place for \"{}\"; did you mean \"{}\"?", name, *meant)
                               : fmt::format("The text has no place for \"{}\"", name);
  return {std::move(field), std::move(detail), std::string(meant.value_or(""))};
}

/// The pairs of one member of the body.
std::optional<TextFault> fault_in(const Pairs& pairs, std::string_view member, const Places& places,
                                  const SendRequest& request) {
  for (const auto& [name, value] : pairs) {
    std::string field = fmt::format("{}.{}", member, name);
    if (value.find_first_of("{}") != std::string::npos)
      return TextFault{std::move(field), "A value can't have braces: the code can't stand in it", ""};
    const std::string_view code = request.code.reveal();
    if (!code.empty() && value.find(code) != std::string::npos)
      return TextFault{std::move(field), "A value can't have the code in it", ""};
    if (std::ranges::find(places, name) == places.end()) return no_place(std::move(field), name, places);
    if (has_link(value) && !takes_link(request.text_pattern, name))
      return TextFault{std::move(field),
                       fmt::format("A value can be a link only where the text says {{{}:link}}", name), ""};
  }
  return std::nullopt;
}

}  // namespace

std::optional<TextFault> fault_in_values(const SendRequest& request) {
  const Places places = variables_of(request.text_pattern);
  if (auto fault = fault_in(request.variables, "variables", places, request)) return fault;
  if (auto fault = fault_in(request.bind, "bind", places, request)) return fault;
  for (const std::string& name : places) {
    const bool is_variable = has_name(request.variables, name), is_bound = has_name(request.bind, name);
    if (is_variable && is_bound)
      return TextFault{fmt::format("variables.{}", name), fmt::format("\"{}\" is given in `bind` already", name), ""};
    if (!is_variable && !is_bound)
      return TextFault{"variables", fmt::format("The text needs the variable \"{}\"", name), ""};
  }
  return std::nullopt;
}

}  // namespace xion
