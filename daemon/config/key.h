#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "config/other_gateways.h"
#include "config/reading.h"

/// A key of the configuration as a row of a table: what it is called, how it is read, how it is shown, what it means.
namespace xion::config {

/// How a value is read into its owner and shown again. `show` may be empty: secrets are never shown.
template <typename Owner>
struct Rule {
  std::function<void(const Place&, Owner&)> read;
  std::function<void(JsonWriter&, const Owner&)> show;
};

/// When a running daemon takes a change over.
enum class Takes : std::uint8_t {
  now,
  next_start,                ///< It holds a file or a socket by it.
  next_start_where_it_ends,  ///< Or begins: another value instead is taken now.
};

template <typename Owner>
struct Key {
  std::string_view name;
  Rule<Owner> rule;
  std::string_view meaning;  ///< One sentence; a wrong value's hint.
  Takes takes = Takes::now;
  std::string_view name_of_app{};  ///< What `xionctl app set` calls an app's own value; empty: an app can't have one.
};

template <typename Owner>
using Keys = std::vector<Key<Owner>>;

template <typename Owner>
std::vector<std::string_view> names_of(const Keys<Owner>& keys) {
  std::vector<std::string_view> names;
  for (const auto& key : keys) names.push_back(key.name);
  return names;
}

/// Reads every key of a table by its row; what has no row is an error. A finding without a hint gets the meaning.
template <typename Owner>
void read_keys(const toml::table& table, const std::string& path, const Keys<Owner>& keys, Owner& owner,
               Reading& reading) {
  for (const auto& [name, node] : table) {
    const Key<Owner>* known = nullptr;
    for (const auto& key : keys) {
      if (key.name == name.str()) known = &key;
    }
    std::string full = path.empty() ? std::string(name.str()) : path + "." + std::string(name.str());
    if (known == nullptr) {
      std::string hint = path == "carrier" ? called_here(name.str()) : std::string();
      if (hint.empty()) hint = where_it_belongs(name.str(), path);
      if (hint.empty()) hint = did_you_mean(name.str(), names_of(keys));
      reading.draft.unknown(reading.at(name.source()), full, std::move(hint));
      continue;
    }
    const std::size_t before = reading.draft.mark();
    known->rule.read(Place{node, full, reading, name.str() == "password"}, owner);
    reading.draft.note_unread(before, full);
    for (std::size_t i = before; i < reading.draft.findings.size(); ++i) {
      auto& hint = reading.draft.findings[i].hint;
      if (hint.empty()) hint = known->meaning;
    }
  }
}

template <typename Owner>
void show_keys(JsonWriter& out, const Keys<Owner>& keys, const Owner& owner) {
  for (const auto& key : keys) {
    if (!key.rule.show) continue;
    out.key(key.name);
    key.rule.show(out, owner);
  }
}

template <typename Row>
void show_tables(JsonWriter& out, const Keys<Row>& keys, const std::vector<Row>& rows) {
  out.begin_array();
  for (const Row& row : rows) {
    out.begin_object();
    show_keys(out, keys, row);
    out.end_object();
  }
  out.end_array();
}

/// An array of tables, each by its own keys: `[{ country = "US", sender = "Acme" }]`. `check` is asked for each, with
/// whether all of it could be read.
template <typename Owner, typename Row>
Rule<Owner> tables(std::vector<Row> Owner::* member, const Keys<Row>& (*keys)(), std::string_view shape,
                   void (*check)(const Place&, const toml::table&, const Row&, bool is_read)) {
  return {[=](const Place& place, Owner& owner) {
            const auto* array = place.node.as_array();
            if (array == nullptr) return wrong_type(place, std::string("an array of ") += shape);
            (owner.*member).clear();
            for (const auto& element : *array) {
              const Place part = place.inside(element);
              const auto* table = element.as_table();
              if (table == nullptr) {
                wrong_type(part, shape);
                continue;
              }
              Row row;
              const std::size_t before = place.reading.draft.mark();
              read_keys(*table, place.path, keys(), row, place.reading);
              check(part, *table, row, place.reading.draft.mark() == before);
              (owner.*member).push_back(std::move(row));
            }
          },
          [=](JsonWriter& out, const Owner& owner) { show_tables(out, keys(), owner.*member); }};
}

}  // namespace xion::config
