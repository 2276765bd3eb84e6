#include "base/json_writer.h"

#include <cmath>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "base/utf8.h"
#include "base/visible.h"

namespace xion {
namespace {

/// Eight octets at once: whether each stands in JSON as it is, and acts on nobody. Of all that is written it is the
/// inner loop. Source: Bit Twiddling Hacks, "Determine if a word has a byte less than n", "… equal to n".
bool are_plain(const char* octets) {
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101, tops = ones << 7;
  std::uint64_t word = 0;
  std::memcpy(&word, octets, sizeof word);
  const auto has = [&](std::uint64_t octet) {
    const std::uint64_t zero_where_equal = word ^ (ones * octet);
    return (zero_where_equal - ones) & ~zero_where_equal;
  };
  const std::uint64_t below_space = (word - ones * 0x20) & ~word;
  return ((word | below_space | has('"') | has('\\') | has(0x7F)) & tops) == 0;
}

/// Whether the last octets, from `at` on and fewer than eight, are plain.
bool is_plain_end(std::string_view text, std::size_t at) {
  if (text.size() - at >= 8) return false;
  if (text.size() >= 8) return are_plain(text.data() + text.size() - 8);
  char padded[8] = {'.', '.', '.', '.', '.', '.', '.', '.'};
  std::memcpy(padded, text.data(), text.size());
  return are_plain(padded);
}

}  // namespace

void JsonWriter::separate() {
  if (needs_comma_) out_.push_back(',');
  needs_comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_.push_back(bracket);
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_.push_back(bracket);
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  quote(name);
  out_.push_back(':');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  quote(text);
  return *this;
}

JsonWriter& JsonWriter::value(bool truth) { return raw(truth ? "true" : "false"); }

JsonWriter& JsonWriter::value(std::int64_t number) {
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", number);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", number);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  separate();
  if (std::isfinite(number)) {
    fmt::format_to(std::back_inserter(out_), "{}", number);
  } else {
    out_.append("null");
  }
  return *this;
}

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

void JsonWriter::quote(std::string_view text) {
  out_.push_back('"');
  std::size_t clean_from = 0;
  std::size_t at = 0;
  const auto flush = [&](std::size_t end) { out_.append(text.substr(clean_from, end - clean_from)); };
  while (at < text.size()) {
    while (text.size() - at >= 8 && are_plain(text.data() + at)) at += 8;
    if (at == text.size() || is_plain_end(text, at)) break;
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x80) {
      const std::size_t length = utf8_sequence_length(text.substr(at));
      const char32_t point = length > 0 ? utf8_point(text.substr(at, length)) : U'\uFFFD';
      if (length > 0 && !is_active(point)) {
        at += length;
        continue;
      }
      flush(at);
      if (length == 0) {
        out_.append("\xEF\xBF\xBD");
      } else {
        fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned>(point));
        at += length - 1;
      }
    } else if (c == '"' || c == '\\') {
      flush(at);
      out_.push_back('\\');
      out_.push_back(static_cast<char>(c));
    } else if (c < 0x20 || c == 0x7F) {
      flush(at);
      if (c == '\n') {
        out_.append("\\n");
      } else {
        fmt::format_to(std::back_inserter(out_), "\\u{:04x}", c);
      }
    } else {
      ++at;
      continue;
    }
    clean_from = ++at;
  }
  flush(text.size());
  out_.push_back('"');
}

}  // namespace xion
