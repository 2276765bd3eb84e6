#include <algorithm>

#include "config/forms.h"
#include "config/schema.h"
#include "core/route.h"

namespace xion::config {
namespace {

constexpr Form purpose_form{"1–32 of a–z, 0–9, _, . and -", [](std::string_view text) {
                              for (const char c : text) {
                                if (c >= 'A' && c <= 'Z') return false;
                              }
                              return is_name(text);
                            }};
constexpr Form network_form{"MCC and MNC, 5 or 6 digits such as \"28301\"", is_network};
constexpr Form app_form{"an app's name", [](std::string_view text) { return !text.empty() && is_ascii(text, 63); }};

Rule<RouteSettings> match() {
  return {[](const Place& place, RouteSettings& route) {
            const auto* table = place.node.as_table();
            if (table == nullptr) return wrong_type(place, "{ prefix, country, network, app, purpose }");
            read_keys(*table, place.path, match_keys(), route, place.reading);
          },
          [](JsonWriter& out, const RouteSettings& route) {
            out.begin_object();
            show_keys(out, match_keys(), route);
            out.end_object();
          }};
}

/// "08:00-22:00 +04:00"
Rule<RouteCarrier> hours() {
  return {[](const Place& place, RouteCarrier& carrier) {
            const auto* value = place.node.as_string();
            carrier.hours = value != nullptr ? parse_hours(value->get()) : std::nullopt;
            if (!carrier.hours)
              place.error("expected a time of day and its zone, such as \"08:00-22:00 +04:00\" or UTC");
          },
          [](JsonWriter& out, const RouteCarrier& carrier) {
            if (carrier.hours) {
              out.value(to_string(*carrier.hours));
            } else {
              out.null();
            }
          }};
}

Rule<RouteSettings> carriers() {
  return {[](const Place& place, RouteSettings& route) {
            const auto* array = place.node.as_array();
            if (const auto* single = place.node.as_string())
              return place.error("expected an array of carriers' names", fmt::format("write [\"{}\"]", single->get()));
            if (array == nullptr) return wrong_type(place, "an array of carriers' names");
            if (array->empty()) return place.error("expected one carrier at least");
            if (array->size() > route_carriers_limit)
              return place.error(fmt::format("expected at most {} carriers", route_carriers_limit));
            for (const auto& element : *array) {
              const Place part = place.inside(element);
              RouteCarrier carrier;
              Origin at = part.at();
              if (const auto* simple = element.as_string()) {
                carrier.name = simple->get();
              } else if (const auto* table = element.as_table()) {
                read_keys(*table, place.path, weighted_keys(), carrier, place.reading);
                if (const auto* named = table->get("name")) at = place.reading.at(named->source());
                if (!table->contains("name")) part.error("name is missing");
              } else {
                wrong_type(part, "text, a carrier's name, or { name, weight, cost, hours }");
              }
              if (carrier.name.empty()) continue;
              if (std::ranges::find(route.carriers, carrier.name, &RouteCarrier::name) != route.carriers.end()) {
                place.reading.draft.error(at, fmt::format("{} = \"{}\": named twice", place.path, carrier.name),
                                          "a message goes by a carrier once; leave one of the two");
                continue;
              }
              place.reading.draft.carriers_used.push_back({carrier.name, at});
              route.carriers.push_back(std::move(carrier));
            }
          },
          [](JsonWriter& out, const RouteSettings& route) { show_tables(out, weighted_keys(), route.carriers); }};
}

}  // namespace

/// `{ name = "backup", weight = 1 }`
const Keys<RouteCarrier>& weighted_keys() {
  static const Keys<RouteCarrier> keys{
      {"name", text(&RouteCarrier::name, name_form), "Name of a [[carrier]]."},
      {"weight", whole(&RouteCarrier::weight, 0, 1000),
       "Share among carriers with a weight; 0 for order of preference."},
      {"cost", real(&RouteCarrier::cost, 0, 1e6),
       "Price of a segment; among carriers without a weight the cheaper goes first."},
      {"hours", hours(), "Time of day in which it is used; always, where it is not given."},
  };
  return keys;
}

const Keys<RouteSettings>& match_keys() {
  static const Keys<RouteSettings> keys{
      {"prefix", text(&RouteSettings::prefix, number_prefix_form), "Beginning of the phone number; the longest wins."},
      {"country", text(&RouteSettings::country, country_form), "Country of the phone number."},
      {"network", text(&RouteSettings::network, network_form),
       "Network of the phone number, whose prefixes [networks] lists."},
      {"app", text(&RouteSettings::app, app_form), "The one app that uses this route."},
      {"purpose", text(&RouteSettings::purpose, purpose_form), "The purpose that the request names."},
  };
  return keys;
}

const Keys<RouteSettings>& route_keys() {
  static const Keys<RouteSettings> keys{
      {"name", text(&RouteSettings::name, name_form), "What the API and xionctl call it."},
      {"match", match(), "Which messages; without it, all that no other route takes."},
      {"carriers", carriers(), "Names of carriers, the preferred first."},
      {"failover_after_seconds", seconds(&RouteSettings::failover_after, 1, 600),
       "Wait for a sign of delivery before another carrier is tried."},
  };
  return keys;
}

}  // namespace xion::config
