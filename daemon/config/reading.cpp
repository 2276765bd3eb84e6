#include "config/reading.h"

#include <algorithm>
#include <cctype>
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

constexpr std::string_view known_here = "known here: ";

}  // namespace

void Draft::error(const Origin& at, std::string message, std::string hint) {
  findings.push_back({at.file, at.line, at.column, std::move(message), std::move(hint), true});
}

void Draft::warning(const Origin& at, std::string message, std::string hint) {
  findings.push_back({at.file, at.line, at.column, std::move(message), std::move(hint), false});
}

bool Draft::are_read(std::initializer_list<std::string_view> keys) const {
  const auto may_be_meant = [&](std::string_view name) {
    return std::ranges::any_of(hints_of_unknown, [&](const std::string& hint) { return hint.contains(name); });
  };
  return !has_unread_file && std::ranges::all_of(keys, [&](std::string_view key) {
    const std::string_view table = key.substr(0, key.find('.')), name = key.substr(key.rfind('.') + 1);
    return !unread.contains(key) && !unread.contains(table) && !may_be_meant(table) && !may_be_meant(name);
  });
}

void Draft::note_unread(std::size_t since, std::string_view key) {
  const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(since);
  if (std::any_of(begin, findings.end(), [](const Finding& finding) { return finding.is_error; })) unread.emplace(key);
}

void Draft::unknown(const Origin& at, std::string_view key, std::string hint) {
  // Where nothing is near, the hint lists all that there is.
  if (!hint.starts_with(known_here)) hints_of_unknown.push_back(hint);
  error(at, fmt::format("{}: unknown key", key), std::move(hint));
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

void note_values(const toml::table& table, const std::string& path, Reading& reading) {
  for (const auto& [name, node] : table) {
    const Origin at = reading.at(node.source());
    const std::string key = fmt::format("{}.{}", path, name.str());
    const bool is_secret = name.str() == "password";
    SetValue value{at.file, at.line, at.column, is_secret ? std::string() : shown(node), {}};
    if (const auto* text = node.as_string(); text != nullptr && !is_secret) value.text = text->get();
    if (name.str().ends_with("password_file")) value.read_from = secret_file(reading, value.text);
    reading.draft.values.insert_or_assign(key, std::move(value));
    if (const auto* inner = node.as_table()) note_values(*inner, key, reading);
  }
}

void wrong_type(const Place& place, std::string_view expected) {
  const bool wants_text = expected.find('"') != std::string_view::npos || expected.starts_with("text");
  std::string hint;
  if (place.node.is_string() && !wants_text) {
    const std::string& text = place.node.as_string()->get();
    const bool is_number = !text.empty() && text.find_first_not_of("0123456789.-+") == std::string::npos;
    const bool has_unit = text.size() > 1 && text.find_first_not_of("0123456789") == text.size() - 1;
    hint = is_number ? "written without quotes?"
           : has_unit
               ? fmt::format("a number without quotes and without a unit, such as {}", text.substr(0, text.size() - 1))
               : "";
  }
  if (place.node.is_value() && !place.node.is_string() && wants_text) hint = "written in quotes?";
  place.error(fmt::format("expected {}", expected), std::move(hint));
}

std::string word_meant_by(std::string_view typed, const std::vector<std::string_view>& words) {
  const auto meant = closest(typed, words);
  return meant ? fmt::format("did you mean \"{}\"?", *meant) : std::string();
}

std::string truth_meant_by(const toml::node& node) {
  constexpr std::string_view yes[] = {"true", "yes", "on", "1", "y", "enabled"};
  constexpr std::string_view no[] = {"false", "no", "off", "0", "n", "disabled", "none"};
  std::string word = node.is_string() ? node.as_string()->get() : shown(node);
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (std::ranges::find(yes, word) != std::end(yes)) return "write true, without quotes";
  if (std::ranges::find(no, word) != std::end(no)) return "write false, without quotes";
  return {};
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string_view>& known) {
  if (const auto meant = closest(typed, known)) return fmt::format("did you mean \"{}\"?", *meant);
  if (known.empty()) return {};
  return fmt::format("{}{}", known_here, fmt::join(known, ", "));
}

std::string secret_file(const Reading& reading, const std::string& name) {
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"); credentials != nullptr && *credentials != '\0') {
    const std::filesystem::path credential = std::filesystem::path(credentials) / name;
    std::error_code unreadable;
    // This stands for a file that systemd didn't find (SetCredential= of the unit).
    constexpr std::string_view not_found = "(none)";
    const bool is_there = std::filesystem::exists(credential, unreadable);
    if (is_there && file_text(credential.string()) != not_found) return credential.string();
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
