#include "config/profiles.h"

#include <algorithm>

#include <fmt/format.h>

#include "config/forms.h"
#include "config/schema.h"

namespace xion::config {
namespace {

constexpr std::string_view shipped_file = "profiles.toml";

/// Who and where we are, which a profile can't say.
constexpr std::string_view own_keys[] = {"name",          "profile", "address",     "receiver_address",
                                         "local_address", "tls",     "system_id",   "password",
                                         "password_file", "sender",  "sender_rules"};

bool is_own(std::string_view key) { return std::ranges::find(own_keys, key) != std::end(own_keys); }

/// Those of a carrier, of which its own are refused.
const Keys<CarrierSettings>& quirk_keys() {
  static const Keys<CarrierSettings> quirks = [] {
    Keys<CarrierSettings> rows = carrier_keys();
    for (auto& row : rows) {
      if (is_own(row.name))
        row.rule.read = [](const Place& place, CarrierSettings&) {
          place.error("it belongs in the [[carrier]] block");
        };
    }
    return rows;
  }();
  return quirks;
}

void read_profile(std::string_view name, const toml::node& node, Reading& reading) {
  const std::string path = fmt::format("profiles.{}", name);
  const auto* table = node.as_table();
  if (!is_name(name)) return Place{node, path, reading}.error(fmt::format("expected {}", name_form.expected));
  if (table == nullptr) return wrong_type({node, path, reading}, fmt::format("a table, [{}]", path));
  CarrierSettings unused;
  read_keys(*table, path, quirk_keys(), unused, reading);
  auto& known = reading.draft.profiles;
  const auto earlier = known.find(name);
  if (earlier != known.end() && earlier->second.at.file != shipped_file) {
    reading.draft.error(reading.at(node.source()), fmt::format("{} is set twice", path),
                        fmt::format("the other is at {}:{}", earlier->second.at.file, earlier->second.at.line));
  }
  known.insert_or_assign(std::string(name), Profile{*table, reading.at(node.source())});
}

}  // namespace

void read_shipped_profiles(Draft& draft) {
  Reading reading{draft, std::string(shipped_file), {}};
  const toml::table root = toml::parse(shipped_profiles());
  read_profiles(root, reading);
}

void read_profiles(const toml::table& root, Reading& reading) {
  const auto* node = root.get("profiles");
  if (node == nullptr) return;
  const auto* profiles = node->as_table();
  if (profiles == nullptr) return wrong_type({*node, "profiles", reading}, "tables, [profiles.NAME]");
  for (const auto& [name, profile] : *profiles) read_profile(name.str(), profile, reading);
}

const toml::table* apply_profile(const toml::table& block, CarrierSettings& carrier, Reading& reading) {
  const auto* named = block.get_as<std::string>("profile");
  if (named == nullptr || named->get().empty()) return nullptr;
  const auto& known = reading.draft.profiles;
  const auto found = known.find(named->get());
  if (found == known.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, profile] : known) names.push_back(name);
    reading.draft.error(reading.at(named->source()),
                        fmt::format("carrier.profile = \"{}\": there is no such profile", named->get()),
                        did_you_mean(named->get(), names));
    return nullptr;
  }
  Draft told;  // What is wrong with it was said where it stands.
  Reading again{told, found->second.at.file, reading.folder};
  read_keys(found->second.keys, "profiles", quirk_keys(), carrier, again);
  return &found->second.keys;
}

}  // namespace xion::config
