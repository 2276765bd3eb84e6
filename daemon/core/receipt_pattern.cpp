#include "core/receipt_pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

namespace xion {
namespace {

/// Of the compiled expression: what a person writes takes a few KiB.
constexpr std::int64_t memory_limit_octets = 1 << 20;

enum class Group : std::size_t { id, stat, err, done };
constexpr std::array<std::string_view, 4> group_names{"id", "stat", "err", "done"};

/// A compiled expression, and which of its groups is which.
struct Compiled {
  explicit Compiled(std::string_view text, const RE2::Options& options)
      : expression(re2::StringPiece(text.data(), text.size()), options) {}
  RE2 expression;
  std::array<int, group_names.size()> groups{};  ///< 0: it has none.
};

std::optional<smpp::ReceiptFields> read(const Compiled& pattern, std::string_view text) {
  std::vector<re2::StringPiece> found(static_cast<std::size_t>(pattern.expression.NumberOfCapturingGroups()) + 1);
  const re2::StringPiece whole(text.data(), text.size());
  if (!pattern.expression.Match(whole, 0, whole.size(), RE2::UNANCHORED, found.data(), static_cast<int>(found.size())))
    return std::nullopt;
  const auto value = [&](Group group) -> std::optional<std::string_view> {
    const int number = pattern.groups[static_cast<std::size_t>(group)];
    const re2::StringPiece& piece = found[static_cast<std::size_t>(number)];
    if (number == 0 || piece.data() == nullptr) return std::nullopt;
    return std::string_view(piece.data(), piece.size());
  };
  smpp::ReceiptFields fields;
  fields.id = value(Group::id);
  fields.stat = value(Group::stat);
  fields.err = value(Group::err).value_or(std::string_view());
  fields.done_date = value(Group::done).value_or(std::string_view());
  return fields;
}

}  // namespace

std::expected<ReceiptPattern, std::string> ReceiptPattern::compile(std::string_view text) {
  ReceiptPattern made;
  if (text.empty()) return made;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(memory_limit_octets);
  options.set_dot_nl(true);
  const auto compiled = std::make_shared<Compiled>(text, options);
  if (!compiled->expression.ok())
    return std::unexpected(fmt::format("no regular expression: {}", compiled->expression.error()));
  for (const auto& [name, number] : compiled->expression.NamedCapturingGroups()) {
    const auto* const known = std::ranges::find(group_names, name);
    if (known == group_names.end())
      return std::unexpected(fmt::format("a group is called `{}`; expected id, stat, err or done", name));
    compiled->groups[static_cast<std::size_t>(known - group_names.begin())] = number;
  }
  const auto has = [&](Group group) { return compiled->groups[static_cast<std::size_t>(group)] != 0; };
  if (!has(Group::id) && !has(Group::stat)) return std::unexpected("expected a group (?P<id>…) or (?P<stat>…)");
  made.text_ = text;
  made.reader_ =
      std::make_shared<const smpp::ReceiptReader>([compiled](std::string_view told) { return read(*compiled, told); });
  return made;
}

}  // namespace xion
