#pragma once
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace xion {

/// Text that must never reach a log: passwords, codes, keys, full phone numbers. Formatting it prints `[redacted]`;
/// the one way to the text is `reveal()`, which a reviewer can search for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  /// A short text lives inside the string itself, so a move leaves a copy behind: swapped, each is wiped by its owner.
  Secret(Secret&& other) noexcept { text_.swap(other.text_); }
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&& other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~Secret() {
    for (volatile char* c = text_.data(); c != text_.data() + text_.size(); ++c) *c = 0;
  }
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

}  // namespace xion

template <>
struct fmt::formatter<xion::Secret> : fmt::formatter<std::string_view> {
  auto format(const xion::Secret&, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format("[redacted]", context);
  }
};
