#include "config/reading.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/suggest.h"

namespace xion::config {
namespace {

std::string complaint_about(const Place& place, std::string_view complaint) {
  if (place.is_secret) return fmt::format("{}: {}", place.path, complaint);
  return fmt::format("{} = {}: {}", place.path, shown(place.node), complaint);
}

bool is_there(const std::filesystem::path& path) {
  std::error_code unreadable;
  return std::filesystem::exists(path, unreadable);
}

}  // namespace

void Draft::error(const Origin& at, std::string message, std::string hint) {
  findings.push_back({at.file, at.line, at.column, std::move(message), std::move(hint), true});
}

void Draft::warning(const Origin& at, std::string message, std::string hint) {
  findings.push_back({at.file, at.line, at.column, std::move(message), std::move(hint), false});
}

void Place::error(std::string_view complaint, std::string hint) const {
  reading.draft.error(at(), complaint_about(*this, complaint), std::move(hint));
}

void Place::warning(std::string_view complaint, std::string hint) const {
  reading.draft.warning(at(), complaint_about(*this, complaint), std::move(hint));
}

Place Place::inside(const toml::node& part, std::string_view key) const {
  return {part, key.empty() ? path : fmt::format("{}.{}", path, key), reading, is_secret};
}

std::string shown(const toml::node& node) {
  constexpr std::size_t longest_octets = 60;
  if (node.is_table()) return "{…}";
  if (node.is_array()) return "[…]";
  if (const auto* text = node.as_string()) {
    const std::string& whole = text->get();
    if (whole.size() <= longest_octets) return fmt::format("\"{}\"", whole);
    std::size_t end = longest_octets;
    while ((static_cast<unsigned char>(whole[end]) & 0xC0) == 0x80) --end;  // not inside a character
    return fmt::format("\"{}…\"", whole.substr(0, end));
  }
  if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
  if (const auto* real = node.as_floating_point()) return fmt::format("{}", real->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return "a date or time";
}

void wrong_type(const Place& place, std::string_view expected) {
  const bool wants_text = expected.find('"') != std::string_view::npos || expected.starts_with("text");
  std::string hint;
  if (place.node.is_string() && !wants_text) hint = "written without quotes?";
  if (place.node.is_value() && !place.node.is_string() && wants_text) hint = "written in quotes?";
  place.error(fmt::format("expected {}", expected), std::move(hint));
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string_view>& known) {
  if (const auto meant = closest(typed, known)) return fmt::format("did you mean \"{}\"?", *meant);
  if (known.empty()) return {};
  return fmt::format("known here: {}", fmt::join(known, ", "));
}

std::string secret_file(const Reading& reading, const std::string& name) {
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"); credentials != nullptr && *credentials != '\0') {
    const std::filesystem::path credential = std::filesystem::path(credentials) / name;
    if (is_there(credential)) return credential.string();
  }
  return reading.resolve(name);
}

std::optional<std::string> file_text(const std::string& path) {
  errno = 0;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    errno = EISDIR;  // an ifstream opens a folder and then reads nothing
    return std::nullopt;
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace xion::config
