#include "config/files.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "config/schema.h"

namespace xion::config {
namespace {

/// Longest password that SMPP 3.4 §4.1.1 allows, without its NUL. Octets.
constexpr std::size_t password_octets_by_the_book = 8;
/// Longest that is taken at all: what a bind PDU still holds with room to spare.
constexpr std::size_t password_octets_limit = 64;

/// Complains in words that don't contain the password.
void take_password(const Place& place, std::string text, Secret& password) {
  if (text.empty()) return place.error("the password is empty");
  if (text.size() > password_octets_limit) {
    return place.error(
        fmt::format("the password has {} octets: expected at most {}", text.size(), password_octets_limit));
  }
  if (text.find_first_of(std::string_view("\0\n\r", 3)) != std::string::npos) {
    return place.error("the password has more than one line", "the file holds the password and nothing else");
  }
  if (text.starts_with(' ') || text.ends_with(' ') || text.starts_with('\t') || text.ends_with('\t')) {
    place.warning("the password begins or ends with a blank", "it is sent whole; mostly that is a slip of the editor");
  }
  if (text.size() > password_octets_by_the_book) {
    place.warning(
        fmt::format("the password has {} octets, and SMPP 3.4 allows {}", text.size(), password_octets_by_the_book),
        "it is sent whole; fine where the carrier gave it to you like this");
  }
  password = Secret(std::move(text));
}

}  // namespace

void warn_if_readable_by_all(const Place& place, const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0) {
    place.warning("every user of this machine can read it", fmt::format("chmod o= {}", path));
  }
}

std::optional<std::string> secret_text(const Place& place, const std::string& path) {
  auto text = file_text(path);
  if (text) {
    warn_if_readable_by_all(place, path);
    return text;
  }
  const int error = errno;
  const std::string trouble = std::strerror(error);
  place.error(trouble, error == EACCES
                           ? fmt::format("let the service read it: chgrp xionid {0} && chmod 0640 {0}", path)
                           : fmt::format("looked in $CREDENTIALS_DIRECTORY, then for {}", path));
  return std::nullopt;
}

std::optional<std::string> trouble_reading(const std::string& path) {
  if (file_text(path)) return std::nullopt;
  return std::string(std::strerror(errno));
}

Rule<Settings> master_key_file() {
  return {[](const Place& place, Settings& settings) {
            const auto* value = place.node.as_string();
            if (value == nullptr) return wrong_type(place, "text, a path");
            if (value->get().empty()) return place.error("expected a path");
            settings.master_key_file = secret_file(place.reading, value->get());
          },
          [](JsonWriter& out, const Settings& settings) { out.value(settings.master_key_file); }};
}

std::optional<std::string> secret_line(const Place& place) {
  const auto* value = place.node.as_string();
  if (value == nullptr) return wrong_type(place, "text, a path"), std::nullopt;
  if (value->get().empty()) return place.error("expected a path"), std::nullopt;
  auto text = secret_text(place, secret_file(place.reading, value->get()));
  if (text && text->ends_with('\n')) text->pop_back();
  if (text && text->ends_with('\r')) text->pop_back();
  return text;
}

Rule<CarrierSettings> password_file() { return secret_file_of(&CarrierSettings::password, take_password); }

Rule<CarrierSettings> inline_password() {
  return {[](const Place& place, CarrierSettings& carrier) {
            const auto* value = place.node.as_string();
            if (value == nullptr) return wrong_type(place, "text");
            place.warning("a password in the configuration is read by whoever reads the configuration",
                          "put it in a file of its own (root:xionid, mode 0640) and name it with password_file");
            take_password(place, value->get(), carrier.password);
          },
          {}};
}

}  // namespace xion::config
