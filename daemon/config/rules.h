#pragma once
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/key.h"

/// The kinds of value that keys have. Each makes a rule from a member and what is allowed.
namespace xion::config {

/// What a text must be like: the words after "expected", the test, and perhaps what to write instead of one that fails
/// it (nothing known: empty).
struct Form {
  std::string_view expected;
  bool (*fits)(std::string_view text);
  std::string (*hint)(std::string_view text) = nullptr;

  std::string hint_for(std::string_view text) const { return hint == nullptr ? std::string() : hint(text); }
};

template <typename Owner>
Rule<Owner> text(std::string Owner::* member, Form form) {
  return {[=](const Place& place, Owner& owner) {
            const auto* value = place.node.as_string();
            if (value == nullptr) return wrong_type(place, fmt::format("text, {}", form.expected));
            if (!form.fits(value->get()))
              return place.error(fmt::format("expected {}", form.expected), form.hint_for(value->get()));
            owner.*member = value->get();
          },
          [=](JsonWriter& out, const Owner& owner) { out.value(owner.*member); }};
}

/// One text, or an array of them.
template <typename Owner>
Rule<Owner> texts(std::vector<std::string> Owner::* member, Form form) {
  return {[=](const Place& place, Owner& owner) {
            std::vector<std::string> values;
            const auto take = [&](const Place& part) {
              const auto* value = part.node.as_string();
              if (value == nullptr) return wrong_type(part, fmt::format("text, {}", form.expected));
              if (!form.fits(value->get()))
                return part.error(fmt::format("expected {}", form.expected), form.hint_for(value->get()));
              values.push_back(value->get());
            };
            if (const auto* array = place.node.as_array()) {
              for (const auto& element : *array) take(place.inside(element));
            } else {
              take(place);
            }
            owner.*member = std::move(values);
          },
          [=](JsonWriter& out, const Owner& owner) {
            out.begin_array();
            for (const auto& value : owner.*member) out.value(value);
            out.end_array();
          }};
}

template <typename Owner>
Rule<Owner> truth(bool Owner::* member) {
  return {[=](const Place& place, Owner& owner) {
            const auto* value = place.node.as_boolean();
            if (value == nullptr) return place.error("expected true or false", truth_meant_by(place.node));
            owner.*member = value->get();
          },
          [=](JsonWriter& out, const Owner& owner) { out.value(owner.*member); }};
}

/// An integer from `least` to `most`, both included; nothing, and a finding, where it is not.
std::optional<std::int64_t> whole_number(const Place& place, std::int64_t least, std::int64_t most,
                                         std::string_view unit = {});
/// The same, decimals allowed.
std::optional<double> real_number(const Place& place, double least, double most, std::string_view unit = {});

/// An amount of money: text, or a whole number. A number with a point is no exact one.
std::optional<Micros> money_at(const Place& place, Micros most);

template <typename Owner, typename Number>
Rule<Owner> whole(Number Owner::* member, std::int64_t least, std::int64_t most) {
  return {[=](const Place& place, Owner& owner) {
            if (const auto value = whole_number(place, least, most)) owner.*member = static_cast<Number>(*value);
          },
          [=](JsonWriter& out, const Owner& owner) { out.value(static_cast<std::uint64_t>(owner.*member)); }};
}

template <typename Owner>
Rule<Owner> real(double Owner::* member, double least, double most) {
  return {[=](const Place& place, Owner& owner) {
            if (const auto value = real_number(place, least, most)) owner.*member = *value;
          },
          [=](JsonWriter& out, const Owner& owner) { out.value(owner.*member); }};
}

/// Whole seconds.
template <typename Owner>
Rule<Owner> seconds(Seconds Owner::* member, std::int64_t least, std::int64_t most) {
  return {[=](const Place& place, Owner& owner) {
            if (const auto value = whole_number(place, least, most, "seconds")) owner.*member = Seconds{*value};
          },
          [=](JsonWriter& out, const Owner& owner) { out.value(std::int64_t{(owner.*member).count()}); }};
}

/// Seconds with decimals, kept in milliseconds.
template <typename Owner>
Rule<Owner> fine_seconds(Millis Owner::* member, double least, double most) {
  return {[=](const Place& place, Owner& owner) {
            if (const auto value = real_number(place, least, most, "seconds")) {
              owner.*member = Millis{std::llround(*value * 1000)};
            }
          },
          [=](JsonWriter& out, const Owner& owner) { out.value(static_cast<double>((owner.*member).count()) / 1000); }};
}

/// One of some words, each of which stands for a value.
template <typename Owner, typename Value>
Rule<Owner> word(Value Owner::* member, std::vector<std::pair<std::string_view, Value>> words) {
  std::vector<std::string_view> names;
  std::string expected;
  for (const auto& [name, value] : words) {
    fmt::format_to(std::back_inserter(expected), "{}\"{}\"",
                   names.empty() ? "" : (names.size() + 1 == words.size() ? " or " : ", "), name);
    names.push_back(name);
  }
  return {[=](const Place& place, Owner& owner) {
            const auto* text = place.node.as_string();
            if (text == nullptr) return wrong_type(place, expected);
            for (const auto& [name, value] : words) {
              if (name == text->get()) {
                owner.*member = value;
                return;
              }
            }
            place.error(fmt::format("expected {}", expected), word_meant_by(text->get(), names));
          },
          [=](JsonWriter& out, const Owner& owner) {
            for (const auto& [name, value] : words) {
              if (value == owner.*member) return void(out.value(name));
            }
            out.null();
          }};
}

}  // namespace xion::config
