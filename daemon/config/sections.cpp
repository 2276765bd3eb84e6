#include "config/sections.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "config/config.h"
#include "config/forms.h"
#include "config/profiles.h"
#include "config/schema.h"
#include "core/texts/sender.h"

namespace xion::config {
namespace {

/// Of a table whose keys are names: what is wrong in it is wrong with all of it.
template <auto Read>
void read_whole(std::string_view section, const toml::node& node, Reading& reading) {
  const std::size_t before = reading.draft.mark();
  Read(node, reading);
  reading.draft.note_unread(before, section);
}

/// Two files may both have a [daemon], but not set the same key of it.
void note_once(const toml::table& table, const std::string& path, Reading& reading) {
  for (const auto& [name, node] : table) {
    const Origin at = reading.at(name.source());
    const auto [earlier, is_first] = reading.draft.set_at.emplace(fmt::format("{}.{}", path, name.str()), at);
    if (is_first) continue;
    reading.draft.error(at, fmt::format("{} is set twice", earlier->first),
                        fmt::format("the other is at {}:{}", earlier->second.file, earlier->second.line));
  }
}

template <typename Owner>
void read_once(const toml::node& node, const std::string& path, const Keys<Owner>& keys, Owner& owner,
               Reading& reading) {
  const auto* table = node.as_table();
  if (table == nullptr) {
    reading.draft.unread.insert(path);
    return wrong_type({node, path, reading}, fmt::format("a table, [{}]", path));
  }
  note_once(*table, path, reading);
  note_values(*table, path, reading);
  read_keys(*table, path, keys, owner, reading);
}

void read_plans(const toml::node& node, Reading& reading) {
  const auto* table = node.as_table();
  if (table == nullptr) return wrong_type({node, "plans", reading}, "tables, [plans.NAME]");
  for (const auto& [key, plan_node] : *table) {
    const std::string plan_name(key.str());
    const std::string path = "plans." + plan_name;
    if (!is_name(plan_name)) {
      reading.draft.error(reading.at(key.source()), fmt::format("{}: expected {}", path, name_form.expected));
      continue;
    }
    if (!plan_node.is_table()) {
      wrong_type({plan_node, path, reading}, fmt::format("a table, [{}]", path));
      continue;
    }
    Plan& plan = reading.draft.settings.plans.try_emplace(plan_name, Plan{.name = plan_name}).first->second;
    read_once(plan_node, path, plan_keys(), plan, reading);
  }
}

/// `[networks]`: prefixes of numbers by MCC and MNC, `28301 = ["+37491", "+37499"]`.
void read_networks(const toml::node& node, Reading& reading) {
  const auto* table = node.as_table();
  if (table == nullptr) return wrong_type({node, "networks", reading}, "a table, [networks]");
  note_once(*table, "networks", reading);
  for (const auto& [key, prefixes] : *table) {
    const std::string path = fmt::format("networks.{}", key.str());
    if (!is_network(key.str())) {
      reading.draft.error(reading.at(key.source()),
                          fmt::format("{}: expected MCC and MNC, 5 or 6 digits such as 28301", path));
      continue;
    }
    std::vector<std::string>& known = reading.draft.settings.networks[std::string(key.str())];
    const auto* array = prefixes.as_array();
    if (array == nullptr) {
      wrong_type({prefixes, path, reading}, "an array of prefixes, such as [\"+37491\"]");
      continue;
    }
    for (const auto& element : *array) {
      const auto* prefix = element.as_string();
      if (prefix == nullptr || !is_number_prefix(prefix->get())) {
        Place{element, path, reading}.error("expected prefixes, + and 1–15 digits");
      } else {
        known.push_back(prefix->get());
      }
    }
  }
}

constexpr std::string_view other_numbers = "default";

std::optional<std::string> price_prefix(std::string_view key) {
  if (key == other_numbers) return std::string(every_number);
  return is_number_prefix(key) ? std::optional(std::string(key)) : std::nullopt;
}

/// `[prices.CARRIER]`: what one part costs, by the beginning of the number.
void read_prices(const toml::node& node, Reading& reading) {
  const auto* table = node.as_table();
  if (table == nullptr) return wrong_type({node, "prices", reading}, "tables, [prices.CARRIER]");
  for (const auto& [carrier, list] : *table) {
    const std::string path = fmt::format("prices.{}", carrier.str());
    const auto* rows = list.as_table();
    if (rows == nullptr) {
      wrong_type({list, path, reading}, fmt::format("a table, [{}]", path));
      continue;
    }
    note_once(*rows, path, reading);
    reading.draft.prices_at.emplace(carrier.str(), reading.at(carrier.source()));
    PriceList& prices = reading.draft.settings.prices.carriers[std::string(carrier.str())];
    for (const auto& [key, price] : *rows) {
      const auto prefix = price_prefix(key.str());
      if (!prefix) {
        const std::string plus = fmt::format("+{}", key.str());
        reading.draft.error(reading.at(key.source()),
                            fmt::format("{}.{}: expected + and 1–15 digits, or default", path, key.str()),
                            is_number_prefix(plus) ? fmt::format("did you mean \"{}\"?", plus)
                                                   : "the beginning of the number, such as \"+374\"");
        continue;
      }
      const Place place{price, fmt::format("{}.{}", path, key.str()), reading};
      prices[*prefix] = money_at(place, part_price_max).value_or(0);
    }
  }
}

/// Calls `read` with each table of an array of tables.
template <typename Read>
void read_each(const toml::node& node, std::string_view section, Reading& reading, Read read) {
  const auto* array = node.as_array();
  const std::string expected = fmt::format("expected [[{}]], once for each", section);
  if (array == nullptr) {
    reading.draft.unread.emplace(section);
    return reading.draft.error(reading.at(node.source()), fmt::format("{}: {}", section, expected),
                               fmt::format("write [[{}]] with two brackets", section));
  }
  for (const auto& element : *array) {
    if (const auto* table = element.as_table()) {
      read(*table);
    } else {
      reading.draft.unread.emplace(section);
      reading.draft.error(reading.at(element.source()), fmt::format("{}: {}", section, expected));
    }
  }
}

/// The sender's type of number follows from the sender where neither the block nor its profile gives it. SMPP 3.4
/// §5.2.5.
void derive_source_numbering(const toml::table& table, const toml::table* profile, CarrierSettings& carrier) {
  const auto is_given = [&](std::string_view key) {
    return table.contains(key) || (profile != nullptr && profile->contains(key));
  };
  const Numbering numbering = numbering_of(carrier.sender);
  if (!is_given("source_ton")) carrier.source_ton = numbering.ton;
  if (!is_given("source_npi")) carrier.source_npi = numbering.npi;
}

void read_carrier(const toml::table& table, Reading& reading) {
  Draft& draft = reading.draft;
  CarrierSettings carrier;
  const toml::table* profile = apply_profile(table, carrier, reading);
  read_keys(table, "carrier", carrier_keys(), carrier, reading);
  const Origin begin = reading.at(table.source());
  for (const std::string_view key : required_of_carrier()) {
    if (table.contains(key)) continue;
    draft.error(begin, fmt::format("carrier.{} is missing", key));
    draft.unread.insert(fmt::format("carrier.{}", key));
  }
  if (!table.contains("password") && !table.contains("password_file")) {
    draft.error(begin, "carrier.password_file is missing",
                "put the password in a file (root:xionid, mode 0640) and name it here");
  }
  if (table.contains("password") && table.contains("password_file")) {
    draft.error(reading.at(table.get("password")->source()),
                "carrier.password and carrier.password_file are both there", "keep password_file");
  }
  if (const auto* address = table.get_as<toml::array>("address"); address != nullptr && address->empty()) {
    draft.error(reading.at(address->source()), "carrier.address = []: expected one address at least");
  }
  if (carrier.reconnect_min > carrier.reconnect_max &&
      draft.are_read({"carrier.reconnect_min_seconds", "carrier.reconnect_max_seconds"})) {
    const auto* key = table.contains("reconnect_min_seconds") ? "reconnect_min_seconds" : "reconnect_max_seconds";
    const auto* given = table.get(key);
    draft.error(given != nullptr ? reading.at(given->source()) : begin,
                "carrier.reconnect_min_seconds is above reconnect_max_seconds",
                fmt::format("now {} and {}", static_cast<double>(carrier.reconnect_min.count()) / 1000,
                            static_cast<double>(carrier.reconnect_max.count()) / 1000));
  }
  derive_source_numbering(table, profile, carrier);
  note_values(table, "carrier." + carrier.name, reading);
  const auto* named = table.get("name");
  draft.carrier_at.push_back(named != nullptr ? reading.at(named->source()) : begin);
  draft.settings.carriers.push_back(std::move(carrier));
}

void read_route(const toml::table& table, Reading& reading) {
  RouteSettings route;
  read_keys(table, "route", route_keys(), route, reading);
  if (!table.contains("carriers")) {
    reading.draft.error(reading.at(table.source()), "route.carriers is missing");
    reading.draft.unread.insert("route.carriers");
  }
  if (route.name.empty()) {
    for (const auto* part : {&route.prefix, &route.country, &route.network, &route.app, &route.purpose}) {
      if (route.name.empty()) route.name = *part;
    }
    if (route.name.empty()) route.name = "default";
  }
  reading.draft.route_at.push_back(reading.at(table.source()));
  reading.draft.settings.routes.push_back(std::move(route));
}

struct Section {
  std::string_view name;
  std::function<void(const toml::node&, Reading&)> read;
};

const std::vector<Section>& sections() {
  static const std::vector<Section> all = [] {
    std::vector<Section> found{{"include", [](const toml::node&, Reading&) {}}};
    each_table([&](std::string_view name, const auto& keys, auto part) {
      found.push_back({name, [name, &keys, part](const toml::node& node, Reading& reading) {
                         read_once(node, std::string(name), keys, part(reading.draft.settings), reading);
                       }});
    });
    found.push_back({"profiles", [](const toml::node&, Reading&) {}});  // Read before all else.
    found.push_back(
        {"plans", [](const toml::node& node, Reading& reading) { read_whole<&read_plans>("plans", node, reading); }});
    found.push_back({"networks", [](const toml::node& node, Reading& reading) {
                       read_whole<&read_networks>("networks", node, reading);
                     }});
    found.push_back({"prices", [](const toml::node& node, Reading& reading) {
                       read_whole<&read_prices>("prices", node, reading);
                     }});
    found.push_back({"carrier", [](const toml::node& node, Reading& reading) {
                       read_each(node, "carrier", reading, [&](const auto& table) { read_carrier(table, reading); });
                     }});
    found.push_back({"route", [](const toml::node& node, Reading& reading) {
                       read_each(node, "route", reading, [&](const auto& table) { read_route(table, reading); });
                     }});
    return found;
  }();
  return all;
}

/// A key that stands before the first table, and has its place in one, is told where.
std::string hint_for_unknown_section(std::string_view typed) {
  if (std::string hint = where_it_belongs(typed, {}); !hint.empty()) return hint;
  std::vector<std::string_view> names;
  for (const auto& section : sections()) names.push_back(section.name);
  return did_you_mean(typed, names);
}

}  // namespace

void read_sections(const toml::table& root, bool may_include, Reading& reading) {
  for (const auto& [key, node] : root) {
    const auto section = std::ranges::find(sections(), key.str(), &Section::name);
    if (section == sections().end()) {
      reading.draft.unknown(reading.at(key.source()), key.str(), hint_for_unknown_section(key.str()));
    } else if (section->name == "include" && !may_include) {
      reading.draft.error(reading.at(key.source()), "include: only the main file includes others");
    } else {
      section->read(node, reading);
    }
  }
}

}  // namespace xion::config
