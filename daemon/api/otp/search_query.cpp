#include "api/otp/search_query.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/call/field_rules.h"
#include "api/call/phone_field.h"
#include "api/call/query.h"

namespace xion {
namespace {

struct SearchQuery {
  OtpSearch search;
  std::string phone;
  std::uint64_t limit = 0;
};

constexpr OtpStatus all_statuses[] = {OtpStatus::pending,  OtpStatus::verified, OtpStatus::expired, OtpStatus::locked,
                                      OtpStatus::canceled, OtpStatus::blocked,  OtpStatus::failed};
constexpr std::string_view all_deliveries[] = {"queued",  "submitted", "delivered", "undelivered",
                                               "expired", "rejected",  "unknown"};

bool read_status(const std::string& text, std::optional<OtpStatus>& out) {
  for (const OtpStatus status : all_statuses) {
    if (to_string(status) == text) out = status;
  }
  return out.has_value();
}

bool read_name(const std::string& text, std::string& out) {
  out = text;
  return !text.empty() && text.size() <= 128;
}

/// What follows `OTP-` in the id of the last request of a page.
std::optional<OtpId> read_cursor(const std::string& text) { return parse_otp_id("OTP-" + text); }

constexpr Parameter<SearchQuery> search_parameters[] = {
    {"phone", "a phone number such as %2B37499123056",
     [](const std::string& v, SearchQuery& q) {
       // A `+` that was not escaped came as a space.
       q.phone = v.starts_with(' ') ? "+" + v.substr(1) : v;
       return !v.empty();
     }},
    {"status", "one of pending, verified, expired, locked, canceled, blocked, failed",
     [](const std::string& v, SearchQuery& q) { return read_status(v, q.search.status); }},
    {"delivery", "one of queued, submitted, delivered, undelivered, expired, rejected, unknown",
     [](const std::string& v, SearchQuery& q) {
       q.search.delivery = v;
       return std::ranges::find(all_deliveries, v) != std::end(all_deliveries);
     }},
    {"country", "a country as two letters, such as AM",
     [](const std::string& v, SearchQuery& q) { return read_country(v, q.search.country); }},
    {"reference", "1 to 128 characters",
     [](const std::string& v, SearchQuery& q) {
       q.search.reference = v;
       return !v.empty() && v.size() <= 512;
     }},
    {"userId", "1 to 128 characters",
     [](const std::string& v, SearchQuery& q) {
       q.search.user_id = v;
       return field_rules::is_short_text(v, 128);
     }},
    {"purpose", "1 to 32 characters of a-z, 0-9, _, . and -",
     [](const std::string& v, SearchQuery& q) {
       q.search.purpose = v;
       return field_rules::is_purpose(v);
     }},
    {"route", "the name of a route", [](const std::string& v, SearchQuery& q) { return read_name(v, q.search.route); }},
    {"carrier", "the name of a carrier",
     [](const std::string& v, SearchQuery& q) { return read_name(v, q.search.carrier); }},
    {"error", "what the carrier said, as delivery.error",
     [](const std::string& v, SearchQuery& q) { return read_name(v, q.search.error); }},
    {"reason", "a code of the error catalogue",
     [](const std::string& v, SearchQuery& q) { return read_name(v, q.search.reason); }},
    {"phoneEnds", "2 to 15 digits",
     [](const std::string& v, SearchQuery& q) {
       q.search.phone_ends = v;
       return v.size() >= 2 && v.size() <= 15 && std::ranges::all_of(v, [](char c) { return c >= '0' && c <= '9'; });
     }},
    {"phoneOf", "the id of a request",
     [](const std::string& v, SearchQuery& q) {
       q.search.phone_of = parse_otp_id(v);
       return q.search.phone_of.has_value();
     }},
    {"from", "a time such as 2026-02-12T12:00:00Z, or a date",
     [](const std::string& v, SearchQuery& q) {
       q.search.from = parse_time(v);
       return q.search.from.has_value();
     }},
    {"to", "a time such as 2026-02-12T12:00:00Z, or a date",
     [](const std::string& v, SearchQuery& q) {
       q.search.to = parse_time(v);
       return q.search.to.has_value();
     }},
    {"cursor", "the nextCursor of a page before",
     [](const std::string& v, SearchQuery& q) {
       q.search.before = read_cursor(v);
       return q.search.before.has_value();
     }},
    {"limit", "a whole number from 1",
     [](const std::string& v, SearchQuery& q) {
       q.limit = parse_whole(v, 1'000'000'000).value_or(0);
       return q.limit > 0;
     }},
};

}  // namespace

namespace {

constexpr std::string_view metadata_form = "`metadata.NAME=VALUE`, with the name of a pair of metadata";

/// `metadata.order` and `metadata[order]` name the pair `order`; nothing: it is another parameter.
std::optional<std::string_view> metadata_pair(std::string_view parameter) {
  constexpr std::string_view word = "metadata";
  if (!parameter.starts_with(word)) return std::nullopt;
  parameter.remove_prefix(word.size());
  if (parameter.starts_with('.')) return parameter.substr(1);
  if (parameter.starts_with('[') && parameter.ends_with(']')) return parameter.substr(1, parameter.size() - 2);
  return parameter.empty() ? std::optional<std::string_view>(parameter) : std::nullopt;
}

/// Takes the pairs of metadata out, of which the table can't have a row for each.
std::expected<QueryParameters, Problem> take_metadata(std::string_view text, OtpSearch& search) {
  auto parameters = parse_query(text);
  if (!parameters) return parameters;
  QueryParameters others;
  for (auto& [name, value] : *parameters) {
    const auto pair = metadata_pair(name);
    if (!pair) {
      others.emplace_back(std::move(name), std::move(value));
      continue;
    }
    if (pair->empty()) return std::unexpected(invalid_field(name, metadata_form));
    search.metadata.emplace_back(*pair, value);
  }
  return others;
}

}  // namespace

std::string cursor_of(const OtpId& id) { return to_string(id).substr(4); }

std::expected<OtpSearch, Problem> read_search(std::string_view text, PhoneCache& phones, PageLimits limits) {
  SearchQuery query;
  const auto parameters = take_metadata(text, query.search);
  if (!parameters) return std::unexpected(parameters.error());
  if (auto problem = read_parameters<SearchQuery>(*parameters, search_parameters, query))
    return std::unexpected(std::move(*problem));
  if (query.limit > limits.most)
    return std::unexpected(invalid_field("limit", fmt::format("a whole number from 1 to {}", limits.most)));
  if (!query.phone.empty()) {
    auto phone = read_phone(phones, query.phone, query.search.country);
    if (!phone) return std::unexpected(std::move(phone.error()));
    query.search.phone = std::move(phone->e164);
  }
  query.search.limit = query.limit > 0 ? query.limit : limits.usual;
  return std::move(query.search);
}

std::expected<OtpSearch, Problem> read_search(Call& call, PageLimits limits) {
  auto search = read_search(call.exchange->query(), call.parts->phones, limits);
  if (!search) return search;
  search->app = call.caller.app->app.id;
  search->is_test = call.caller.is_test;
  return search;
}

}  // namespace xion
