#pragma once
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/call/problem.h"

namespace xion {

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// The parameters of a query, decoded as forms are (`+` is a space). Problem `invalid_field`: a malformed escape, text
/// that is not UTF-8, a name that comes twice, or more than 32 of them.
std::expected<QueryParameters, Problem> parse_query(std::string_view query);

/// One row of a call's table: a parameter that its query may have.
template <typename Request>
struct Parameter {
  std::string_view name;
  std::string_view expected;  ///< Completes "expected …" where `read` says no.
  bool (*read)(const std::string& value, Request& request);
};

Problem unknown_parameter(std::string_view name, std::span<const std::string_view> known);

/// Fills `request` by the table; the problem is that of the first parameter that is wrong.
template <typename Request>
std::optional<Problem> read_parameters(const QueryParameters& parameters, std::span<const Parameter<Request>> table,
                                       Request& request) {
  for (const auto& [name, value] : parameters) {
    const Parameter<Request>* row = nullptr;
    for (const auto& candidate : table) {
      if (candidate.name == name) row = &candidate;
    }
    if (row == nullptr) {
      std::vector<std::string_view> known;
      for (const auto& candidate : table) known.push_back(candidate.name);
      return unknown_parameter(name, known);
    }
    if (!row->read(value, request)) return invalid_field(row->name, row->expected);
  }
  return std::nullopt;
}

template <typename Request>
std::optional<Problem> read_query(std::string_view query, std::span<const Parameter<Request>> table, Request& request) {
  const auto parameters = parse_query(query);
  if (!parameters) return parameters.error();
  return read_parameters(*parameters, table, request);
}

/// Reads `2026-02-12` (midnight UTC) or RFC 3339 such as `2026-02-12T12:00:00.5Z` or `…+04:00`; a `+` that a form
/// decoder made a space is taken for what it was.
std::optional<WallTime> parse_time(std::string_view text);
/// Reads `2026-02-12` alone.
std::optional<Day> parse_date(std::string_view text);
/// `2026-02-12`
std::string date_of(Day day);
/// A whole number without sign, at most `max`.
std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t max);

}  // namespace xion
