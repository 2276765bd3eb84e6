#include "event/http_scan.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "ports/http.h"

namespace xion {

namespace {

constexpr std::size_t chunk_digits_max = 16;

/// One bit for each octet that a class has.
class OctetClass {
 public:
  template <typename Predicate>
  constexpr explicit OctetClass(Predicate has) {
    for (unsigned octet = 0; octet < 256; ++octet) has_[octet] = has(static_cast<unsigned char>(octet));
  }
  bool has_all(std::string_view text) const {
    return std::ranges::all_of(text, [this](char c) { return has_[static_cast<unsigned char>(c)]; });
  }

 private:
  std::array<bool, 256> has_{};
};

constexpr bool is_alphanumeric(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
constexpr bool is_one_of(std::string_view marks, unsigned char c) {
  return marks.find(static_cast<char>(c)) != std::string_view::npos;
}
/// Source: RFC 9110 §5.6.2.
constexpr OctetClass token_octets([](unsigned char c) {
  return is_alphanumeric(c) || is_one_of("!#$%&'*+-.^_`|~", c);
});
/// What a field may hold: no control but the tab. Source: RFC 9110 §5.5.
constexpr OctetClass value_octets([](unsigned char c) { return c == '\t' || (c >= ' ' && c != 0x7F); });
/// A client that does not escape what is not ASCII is understood all the same.
constexpr OctetClass target_octets([](unsigned char c) { return c > ' ' && c != 0x7F; });
/// Source: RFC 3986 §3.2.2, §3.2.3.
constexpr OctetClass host_octets([](unsigned char c) {
  return is_alphanumeric(c) || is_one_of("-._~!$&'()*+;=:%[]", c);
});
constexpr OctetClass digits([](unsigned char c) { return c >= '0' && c <= '9'; });
constexpr OctetClass hexadecimal_digits([](unsigned char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
});

bool is_token(std::string_view text) { return !text.empty() && token_octets.has_all(text); }

bool is_same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Where the authority of an absolute target begins; 0: it is none.
std::size_t scheme_octets(std::string_view target) {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (is_same_word(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

/// Why this is no target that a server serves; empty: it is one.
std::string_view why_no_target(std::string_view target) {
  if (!target_octets.has_all(target)) return "The request target has a control character.";
  if (target.contains('#')) return "The request target has a fragment (#), which never leaves a client.";
  if (target.starts_with('/')) return {};
  const std::size_t authority = scheme_octets(target);
  if (authority == 0) return "The request target must be a path, as in GET /v1/otp HTTP/1.1.";
  const auto host =
      target.substr(authority, std::min(target.find_first_of("/?", authority), target.size()) - authority);
  return host.empty() || !host_octets.has_all(host) ? "The request target names no host." : std::string_view{};
}

/// The header in what was not taken of a head that is refused: so that its client knows the answer again.
std::string_view find_request_id(std::string_view rest) {
  constexpr std::string_view name = "X-Request-Id:";
  for (auto end = rest.find("\r\n"); end != rest.npos && end > 0; end = rest.find("\r\n")) {
    const auto line = rest.substr(0, end);
    if (is_same_word(line.substr(0, name.size()), name)) {
      const auto value = without_blanks(line.substr(name.size()));
      return is_sane_request_id(value) ? value : std::string_view{};
    }
    rest.remove_prefix(end + 2);
  }
  return {};
}

}  // namespace

bool method_may_have_body(std::string_view method) {
  constexpr std::string_view with_body[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return std::ranges::find(with_body, method) != std::end(with_body);
}

std::string_view path_of_target(std::string_view target) {
  const std::size_t authority = scheme_octets(target);
  if (authority == 0) return target;
  const auto path = target.find_first_of("/?", authority);
  // A query may follow the authority at once; nothing at the root takes one. Source: RFC 3986 §3.3.
  return path == target.npos || target[path] == '?' ? std::string_view("/") : target.substr(path);
}

std::size_t HttpScan::take(std::string_view octets) {
  const std::size_t given = octets.size();
  while (!octets.empty() && !is_over()) {
    if (state_ == State::body || state_ == State::chunk)
      take_of_body(octets);
    else
      take_line(octets);
  }
  if (refusal_ && request_id_.empty()) request_id_ = find_request_id(octets);
  return given - octets.size();
}

void HttpScan::take_of_body(std::string_view& octets) {
  const std::size_t taken = std::min<std::uint64_t>(left_, octets.size());
  octets.remove_prefix(taken);
  taken_ += taken;
  left_ -= taken;
  if (left_ == 0) state_ = state_ == State::body ? State::whole : State::chunk_end;
}

void HttpScan::take_line(std::string_view& octets) {
  const auto end = octets.find('\n');
  std::string_view line = octets.substr(0, end);
  const std::size_t taken = end == octets.npos ? line.size() : end + 1;
  taken_ += taken;
  octets.remove_prefix(taken);
  if ((state_ == State::request_line || state_ == State::fields) && taken_ > limits_.head_octets)
    return refuse(fmt::format("The request line and the header fields have more than {} octets.", limits_.head_octets));
  if (end == octets.npos) {
    cut_.append(line);
    return check_cut_line();
  }
  std::string whole;
  if (!cut_.empty()) {
    whole = std::move(cut_.append(line));
    cut_.clear();
    line = whole;
  }
  if (!line.ends_with('\r')) return refuse("A line ends with LF alone; expected CR LF.");
  on_line(line.substr(0, line.size() - 1));
}

/// What no end of the line can mend is not waited for.
void HttpScan::check_cut_line() {
  switch (state_) {
    case State::request_line:
      if (!token_octets.has_all(std::string_view(cut_).substr(0, 1)))
        refuse(cut_.front() == 0x16 ? "This is TLS, and the listener speaks plain HTTP."
                                    : "The request line does not begin with a method.");
      return;
    case State::chunk_size:
      if (cut_.size() > chunk_digits_max + 1) on_chunk_size(cut_);
      return;
    case State::chunk_end:
      if (cut_ != "\r") refuse("A chunk is longer than it says.");
      return;
    case State::trailer:
      if (cut_ != "\r") refuse("Trailers are not understood.");
      return;
    case State::fields:
    case State::body:
    case State::chunk:
    case State::whole:
    case State::refused: return;
  }
}

void HttpScan::on_line(std::string_view line) {
  switch (state_) {
    case State::request_line: return on_request_line(line);
    case State::fields: return line.empty() ? on_head_end() : on_field(line);
    case State::chunk_size: return on_chunk_size(line);
    case State::chunk_end:
      if (!line.empty()) return refuse("A chunk is longer than it says.");
      state_ = State::chunk_size;
      return;
    case State::trailer:
      // evhttp would take them for header fields.
      if (!line.empty()) return refuse("Trailers are not understood.");
      state_ = State::whole;
      return;
    case State::body:
    case State::chunk:
    case State::whole:
    case State::refused: return;
  }
}

void HttpScan::on_request_line(std::string_view line) {
  const auto first = line.find(' '), second = line.find(' ', first + 1);
  if (first == line.npos || second == line.npos)
    return refuse("The request line must be method, target and version, as in GET /v1/otp HTTP/1.1.");
  const auto method = line.substr(0, first), version = line.substr(second + 1);
  const auto target = line.substr(first + 1, second - first - 1);
  if (!is_token(method)) return refuse("The method has a character that is not allowed there.");
  is_head_ = method == "HEAD";
  may_have_body_ = method_may_have_body(method);
  if (version.size() != 8 || !version.starts_with("HTTP/1.") || !digits.has_all(version.substr(7)))
    return refuse("The version must be HTTP/1.1 or HTTP/1.0.");
  minor_version_ = version[7] - '0';
  if (method == "CONNECT") return refuse("CONNECT is for proxies.");
  if (const auto trouble = why_no_target(target); !trouble.empty()) return refuse(std::string(trouble));
  state_ = State::fields;
}

void HttpScan::on_field(std::string_view line) {
  if (++fields_ > limits_.fields) return refuse(fmt::format("There are more than {} header fields.", limits_.fields));
  const auto colon = line.find(':');
  if (line.front() == ' ' || line.front() == '\t')
    return refuse("A header field goes on in another line, which is no longer allowed.");
  if (colon == line.npos) return refuse("A header field has no colon.");
  const auto name = line.substr(0, colon);
  if (!is_token(name))
    return refuse("A header name has a character that is not allowed there, such as a space before the colon.");
  const auto value = without_blanks(line.substr(colon + 1));
  if (!value_octets.has_all(value)) return refuse("A header field has a control character.");
  on_known_field(name, value);
}

void HttpScan::once(bool& seen, std::string_view name) {
  if (std::exchange(seen, true)) refuse(fmt::format("There is more than one {} header.", name));
}

void HttpScan::on_known_field(std::string_view name, std::string_view value) {
  if (is_same_word(name, "Host")) {
    if (!host_octets.has_all(value)) refuse("The Host header names no host.");
    return once(seen_.host, "Host");
  }
  if (is_same_word(name, "Content-Length")) {
    once(seen_.length, "Content-Length");
    return on_length(value);
  }
  if (is_same_word(name, "Transfer-Encoding")) {
    if (!is_same_word(value, "chunked")) refuse("The only Transfer-Encoding understood is chunked.");
    return once(seen_.encoding, "Transfer-Encoding");
  }
  if (is_same_word(name, "Authorization")) return once(seen_.authorization, "Authorization");
  if (is_same_word(name, "Expect") && !is_same_word(value, "100-continue"))
    return refuse("The only Expect understood is 100-continue.");
  if (request_id_.empty() && is_same_word(name, "X-Request-Id") && is_sane_request_id(value)) request_id_ = value;
}

void HttpScan::on_length(std::string_view value) {
  if (value.empty() || !digits.has_all(value)) return refuse("Content-Length is not a number.");
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), left_);
  if (error != std::errc{}) left_ = ~std::uint64_t{0};  // Larger than any body.
}

void HttpScan::on_head_end() {
  if (!seen_.host && minor_version_ >= 1) return refuse("The Host header is missing.");
  if (seen_.length && seen_.encoding) return refuse("Content-Length and Transfer-Encoding exclude each other.");
  if (seen_.encoding && minor_version_ == 0) return refuse("HTTP/1.0 has no Transfer-Encoding.");
  if ((seen_.encoding || left_ > 0) && !may_have_body_) return refuse("A request of this method can't have a body.");
  if (left_ > limits_.body_octets) return refuse_large_body();
  if (seen_.encoding)
    state_ = State::chunk_size;
  else
    state_ = left_ > 0 ? State::body : State::whole;
}

void HttpScan::on_chunk_size(std::string_view line) {
  if (line.empty() || line.size() > chunk_digits_max || !hexadecimal_digits.has_all(line))
    return refuse("The size of a chunk must be hexadecimal digits alone.");
  std::from_chars(line.data(), line.data() + line.size(), left_, 16);
  if (left_ == 0) {
    state_ = State::trailer;
    return;
  }
  if (left_ > limits_.body_octets || (body_ += left_) > limits_.body_octets) return refuse_large_body();
  if (++chunks_ > limits_.chunks) return refuse(fmt::format("The body has more than {} chunks.", limits_.chunks));
  state_ = State::chunk;
}

void HttpScan::refuse_large_body() {
  refuse({413, "body_too_large", fmt::format("The body has more than {} octets.", limits_.body_octets)});
}

/// The first trouble is the one that is told.
void HttpScan::refuse(HttpRefusal refusal) {
  if (!refusal_) refusal_ = std::move(refusal);
  state_ = State::refused;
}

void HttpScan::begin_next() {
  state_ = State::request_line;
  is_head_ = may_have_body_ = false;
  seen_ = {};
  taken_ = fields_ = chunks_ = 0;
  left_ = body_ = 0;
  cut_.clear();
  request_id_.clear();
  refusal_.reset();
}

}  // namespace xion
