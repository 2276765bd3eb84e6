#include "base/json_writer.h"

#include <cmath>

#include <fmt/format.h>

#include "base/utf8.h"
#include "base/visible.h"

namespace xion {

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
