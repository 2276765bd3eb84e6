#include "smpp/receipt_fields.h"

#include <algorithm>
#include <array>

#include "smpp/ascii.h"

namespace xion::smpp {
namespace {

enum class Key { id, sub, dlvrd, submit_date, done_date, stat, err, text };
struct KeySpelling {
  std::string_view name;  ///< in lower case
  Key key;
};
constexpr KeySpelling keys[] = {
    {"id", Key::id},
    {"sub", Key::sub},
    {"dlvrd", Key::dlvrd},
    {"submit date", Key::submit_date},
    {"submit_date", Key::submit_date},
    {"submitdate", Key::submit_date},
    {"done date", Key::done_date},
    {"done_date", Key::done_date},
    {"donedate", Key::done_date},
    {"stat", Key::stat},
    {"status", Key::stat},
    {"err", Key::err},
    {"error", Key::err},
    {"text", Key::text},
};

/// Most words of a receipt are values, and begin as no key does.
constexpr std::array<bool, 256> begins_a_key = [] {
  std::array<bool, 256> begins{};
  for (const KeySpelling& row : keys)
    for (const char first : {row.name.front(), ascii::upper(row.name.front())})
      begins[static_cast<unsigned char>(first)] = true;
  return begins;
}();

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0'; }
bool is_separator(char c) { return is_space(c) || c == ',' || c == ';'; }

void skip(std::string_view& text, bool (*is_skipped)(char)) {
  const auto* end = std::ranges::find_if_not(text, is_skipped);
  text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
}

/// Takes `key:` off the front of the text.
std::optional<Key> take_key(std::string_view& text) {
  if (text.empty() || !begins_a_key[static_cast<unsigned char>(text.front())]) return std::nullopt;
  for (const KeySpelling& row : keys) {
    if (text.size() <= row.name.size() || ascii::lower(text.front()) != row.name.front()) continue;
    if (!std::ranges::equal(text.substr(0, row.name.size()), row.name, {}, ascii::lower)) continue;
    std::string_view rest = text.substr(row.name.size());
    skip(rest, is_space);
    if (rest.empty() || rest.front() != ':') continue;
    text = rest.substr(1);
    return row.key;
  }
  return std::nullopt;
}

/// Takes one word off the front of the text; empty where the next key follows at once.
std::string_view take_value(std::string_view& text) {
  skip(text, is_space);
  std::string_view look_ahead = text;
  if (take_key(look_ahead)) return {};
  const auto* end = std::ranges::find_if(text, is_separator);
  const auto value = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(value.size());
  return value;
}

/// What stands before the next key, ours or a vendor's, without the separators behind it.
std::string_view phrase_of(std::string_view text) {
  skip(text, is_space);
  std::string_view rest = text;
  std::size_t length = 0;
  while (!rest.empty()) {
    std::string_view look_ahead = rest;
    if (take_key(look_ahead)) break;
    const auto* end = std::ranges::find_if(rest, is_separator);
    const auto word = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    if (length > 0 && word.contains(':')) break;
    rest.remove_prefix(word.size());
    length = text.size() - rest.size();
    skip(rest, is_separator);
  }
  return text.substr(0, length);
}

/// The phrase where it says more than its first word.
std::string_view longer_than(std::string_view word, std::string_view phrase) {
  return phrase.size() > word.size() ? phrase : std::string_view();
}

}  // namespace

ReceiptFields read_receipt_fields(std::string_view text) {
  ReceiptFields fields;
  for (;;) {
    skip(text, is_separator);
    if (text.empty()) return fields;
    const auto key = take_key(text);
    if (!key) {
      const auto* end = std::ranges::find_if(text, is_separator);
      text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
      continue;
    }
    if (*key == Key::text) return fields;
    const std::string_view phrase = phrase_of(text);
    const std::string_view value = take_value(text);
    switch (*key) {
      case Key::id:
        fields.id = value;
        fields.id_phrase = longer_than(value, phrase);
        break;
      case Key::submit_date: fields.submit_date = value; break;
      case Key::done_date: fields.done_date = value; break;
      case Key::stat:
        fields.stat = value;
        fields.stat_phrase = longer_than(value, phrase);
        break;
      case Key::err: fields.err = value; break;
      case Key::sub:
      case Key::dlvrd:
      case Key::text: break;
    }
  }
}

}  // namespace xion::smpp
