#include "store/search/search_block.h"

#include <algorithm>

#include "base/octets.h"

namespace xion {
namespace {

constexpr std::uint8_t block_format = 1;

}  // namespace

std::string to_row(const SearchBlock& block) {
  std::vector<SearchClass> kinds = block.classes;
  std::ranges::sort(kinds);
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  std::string row;
  OctetWriter out(row);
  out.u8(block_format);
  out.varint(block.ids.size());
  for (const OtpId& id : block.ids) out.raw(as_text(id.octets));
  out.varint(kinds.size());
  for (const SearchClass kind : kinds) out.varint(kind);
  for (const SearchClass of : block.classes)
    out.u8(static_cast<std::uint8_t>(std::ranges::lower_bound(kinds, of) - kinds.begin()));
  return row;
}

std::optional<SearchBlockView> SearchBlockView::of(std::string_view row) {
  OctetReader in(row);
  if (in.u8() != block_format) return std::nullopt;
  std::optional<SearchBlockView> view(std::in_place);
  const std::uint64_t count = in.varint();
  if (count > row.size()) return std::nullopt;
  view->ids_ = in.raw(count * OtpId::size);
  const std::uint64_t kinds = in.varint();
  if (kinds > view->kinds_.size()) return std::nullopt;
  for (std::uint64_t i = 0; i < kinds; ++i) view->kinds_[i] = in.varint();
  view->numbers_ = in.raw(count);
  const bool is_whole = !in.failed() && in.at_end();
  if (!is_whole || std::ranges::any_of(view->numbers_, [&](char n) { return static_cast<std::uint8_t>(n) >= kinds; }))
    return std::nullopt;
  return view;
}

std::optional<SearchBlock> search_block_from_row(std::string_view row) {
  const auto view = SearchBlockView::of(row);
  if (!view) return std::nullopt;
  SearchBlock block;
  for (std::size_t i = 0; i < view->size(); ++i) {
    block.ids.push_back(view->id(i));
    block.classes.push_back(view->class_of(i));
  }
  return block;
}

}  // namespace xion
