#pragma once
#include <string>
#include <utility>

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

/// Warns of a file with a secret that every user of the machine can read.
void warn_if_readable_by_all(const Place& place, const std::string& path);

/// What a file with a secret holds. Complains where it can't be read, and warns where every user can.
std::optional<std::string> secret_text(const Place& place, const std::string& path);

/// As `readable_file`, of a file that holds a secret.
template <typename Owner>
Rule<Owner> readable_secret_file(std::string Owner::* member) {
  Rule<Owner> rule = readable_file(member);
  rule.read = [member, read = std::move(rule.read)](const Place& place, Owner& owner) {
    read(place, owner);
    if (!(owner.*member).empty()) warn_if_readable_by_all(place, owner.*member);
  };
  return rule;
}

/// What is in the file that a key names, without the end of its line: a credential, or beside the file that names it.
/// Nothing, and a finding, where it can't be read.
std::optional<std::string> secret_line(const Place& place);

/// The same as a key's value. `take` judges the text, in words that don't contain it.
template <typename Owner, typename Take>
Rule<Owner> secret_file_of(Secret Owner::* member, Take take) {
  return {[=](const Place& place, Owner& owner) {
            if (auto text = secret_line(place)) take(place, std::move(*text), owner.*member);
          },
          {}};
}

/// A key file that `xionctl init-key` makes: a credential or beside the configuration. Whether it is there, and right,
/// is asked where a daemon is to start (preflight/start_check).
Rule<Settings> master_key_file();
/// `password_file` and `password`.
Rule<CarrierSettings> password_file();
Rule<CarrierSettings> inline_password();

}  // namespace xion::config
