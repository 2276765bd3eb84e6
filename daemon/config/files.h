#pragma once
#include <string>

#include "config/rules.h"

/// Rules whose values are paths.
namespace xion::config {

/// A path; relative ones are taken from the file's folder.
template <typename Owner>
Rule<Owner> path(std::string Owner::* member) {
  return {[=](const Place& place, Owner& owner) {
            const auto* value = place.node.as_string();
            if (value == nullptr) return wrong_type(place, "text, a path");
            if (value->get().empty()) return place.error("expected a path");
            owner.*member = place.reading.resolve(value->get());
          },
          [=](JsonWriter& out, const Owner& owner) { out.value(owner.*member); }};
}

/// Says why a file can't be read, as the operating system puts it; nothing where it can.
std::optional<std::string> trouble_reading(const std::string& path);

/// The path of a file that must be readable; empty stands for none.
template <typename Owner>
Rule<Owner> readable_file(std::string Owner::* member) {
  return {[=](const Place& place, Owner& owner) {
            const auto* value = place.node.as_string();
            if (value == nullptr) return wrong_type(place, "text, a path");
            if (value->get().empty()) return (owner.*member).clear();
            owner.*member = place.reading.resolve(value->get());
            if (const auto trouble = trouble_reading(owner.*member)) {
              place.error(*trouble, fmt::format("looked for {}", owner.*member));
            }
          },
          [=](JsonWriter& out, const Owner& owner) { out.value(owner.*member); }};
}

/// A key file that `xionctl init-key` makes: a credential or beside the configuration. Whether it is there, and right,
/// is asked where a daemon is to start (preflight/start_check).
Rule<Settings> master_key_file();
/// `password_file` and `password`.
Rule<CarrierSettings> password_file();
Rule<CarrierSettings> inline_password();

}  // namespace xion::config
