#include "store/search/search_segments.h"

#include <algorithm>
#include <bit>
#include <string>

#include "base/octets.h"
#include "store/otp_key.h"

namespace xion {
namespace {

constexpr std::uint8_t segment_format = 1;
constexpr std::size_t blocks_at_most = 64;  // One bit each.

std::string segment_key(std::uint32_t number) { return std::string(BigEndian(number).view()); }

std::string block_key(std::uint32_t number, std::uint8_t block) {
  std::string key = segment_key(number);
  key.push_back(static_cast<char>(block));
  return key;
}

OtpId read_id(OctetReader& in) {
  const auto octets = in.raw(OtpId::size);
  return octets.size() == OtpId::size ? otp_id_of(octets) : OtpId{};
}

}  // namespace

std::string SearchSegments::to_row(const Head& head) {
  std::string row;
  OctetWriter out(row);
  out.u8(segment_format);
  out.raw(as_text(head.oldest.octets));
  out.raw(as_text(head.newest.octets));
  out.varint(head.first_of.size());
  for (const OtpId& id : head.first_of) out.raw(as_text(id.octets));
  out.varint(head.known);
  out.varint(head.blocks_of.size());
  for (const auto& [of, blocks] : head.blocks_of) {
    out.varint(of);
    out.varint(blocks);
  }
  return row;
}

std::optional<SearchSegments::Head> SearchSegments::head_from_row(std::uint32_t number, std::string_view row) {
  OctetReader in(row);
  if (in.u8() != segment_format) return std::nullopt;
  Head head;
  head.number = number;
  head.oldest = read_id(in);
  head.newest = read_id(in);
  head.first_of.resize(std::min<std::uint64_t>(in.varint(), blocks_at_most));
  for (OtpId& id : head.first_of) id = read_id(in);
  head.known = in.varint();
  for (std::uint64_t count = in.varint(); count > 0 && !in.failed(); --count) {
    const SearchClass of = in.varint();
    head.blocks_of.emplace_back(of, in.varint());
  }
  const bool is_whole = !in.failed() && in.at_end() && !head.first_of.empty() && head.blocks_of.size() < 100'000;
  return is_whole && all_blocks(head) >> (head.first_of.size() - 1) <= 1 ? std::optional(std::move(head))
                                                                         : std::nullopt;
}

std::uint64_t SearchSegments::all_blocks(const Head& head) {
  std::uint64_t all = 0;
  for (const auto& [of, blocks] : head.blocks_of) all |= blocks;
  return all;
}

void SearchSegments::load() {
  heads_.clear();
  changed_.clear();
  kv_.scan(Table::search_segments, {}, [&](std::string_view key, std::string_view row) {
    if (auto head = head_from_row(from_big_endian<std::uint32_t>(key), row)) heads_.push_back(std::move(*head));
    return true;
  });
  put_in_order();
  changes_.clear();
  is_taking_in_ = false;
  kv_.scan(Table::search_changes, {}, [&](std::string_view key, std::string_view row) {
    changes_[otp_id_of(key)] = from_big_endian<SearchClass>(row);
    return true;
  });
  for (const auto& [id, of] : changes_) note_early(id, of);
}

void SearchSegments::put_in_order() { std::ranges::sort(heads_, {}, &Head::newest); }

void SearchSegments::add(std::uint32_t number, std::span<const SearchTail::Row> rows) {
  Head head;
  head.number = number;
  head.oldest = rows.front().id;
  head.newest = rows.back().id;
  for (std::size_t n = 0; n * sizes_.block_requests < rows.size(); ++n) {
    const auto of_block = rows.subspan(n * sizes_.block_requests);
    SearchBlock block;
    head.first_of.push_back(of_block.front().id);
    for (const SearchTail::Row& row : of_block.first(std::min(sizes_.block_requests, of_block.size()))) {
      block.ids.push_back(row.id);
      block.classes.push_back(row.of);
      note(head, row.of, static_cast<std::uint8_t>(n));
    }
    kv_.put(Table::search_blocks, block_key(number, static_cast<std::uint8_t>(n)), xion::to_row(block));
  }
  kv_.put(Table::search_segments, segment_key(number), to_row(head));
  heads_.push_back(std::move(head));
  put_in_order();
}

void SearchSegments::note(Head& head, SearchClass of, std::uint8_t block) {
  of &= head.known;
  const auto at = std::ranges::lower_bound(head.blocks_of, of, {}, &ClassBlocks::first);
  if (at != head.blocks_of.end() && at->first == of) {
    at->second |= std::uint64_t{1} << block;
    return;
  }
  head.blocks_of.insert(at, {of, std::uint64_t{1} << block});
  if (head.blocks_of.size() > sizes_.classes_kept) coarsen(head, class_of_app_and_test);
  if (head.blocks_of.size() > sizes_.classes_kept) coarsen(head, 0);
}

void SearchSegments::forget(Head& head, SearchClass of, std::uint8_t block) {
  of &= head.known;
  const auto at = std::ranges::lower_bound(head.blocks_of, of, {}, &ClassBlocks::first);
  if (at == head.blocks_of.end() || at->first != of) return;
  at->second &= ~(std::uint64_t{1} << block);
  if (at->second == 0) head.blocks_of.erase(at);
}

/// A gateway of thousands of apps must not fill the memory: the head tells less, and more blocks are read.
void SearchSegments::coarsen(Head& head, SearchClass known) {
  head.known &= known;
  const auto fine = std::exchange(head.blocks_of, {});
  for (const auto& [of, blocks] : fine) {  // By class: what becomes one is side by side.
    if (head.blocks_of.empty() || head.blocks_of.back().first != (of & head.known))
      head.blocks_of.emplace_back(of & head.known, 0);
    head.blocks_of.back().second |= blocks;
  }
}

/// To change it; nothing where the row is missing or corrupt.
SearchBlock* SearchSegments::block_to_change(BlockName name) {
  if (const auto at = changed_.find(name); at != changed_.end()) return &at->second;
  const auto row = kv_.get(Table::search_blocks, block_key(name.first, name.second));
  auto read = row ? search_block_from_row(*row) : std::nullopt;
  return read ? &changed_.emplace(name, std::move(*read)).first->second : nullptr;
}

void SearchSegments::set(const OtpId& id, SearchClass of) {
  const auto [at, is_new] = changes_.try_emplace(id, of);
  if (!is_new && std::exchange(at->second, of) == of) return;
  kv_.put(Table::search_changes, as_text(id.octets), BigEndian(of).view());
  note_early(id, of);
}

std::optional<std::uint8_t> SearchSegments::block_of(const Head& head, const OtpId& id) {
  const auto next = std::ranges::upper_bound(head.first_of, id);
  if (next == head.first_of.begin()) return std::nullopt;
  return static_cast<std::uint8_t>(next - head.first_of.begin() - 1);
}

/// Before its block is looked at: wherever it may be, the head tells of its class. What it was is still told of too,
/// which costs a search a look in vain at worst.
void SearchSegments::note_early(const OtpId& id, SearchClass of) {
  for (auto head = heads_.rbegin(); head != heads_.rend() && head->newest >= id; ++head) {
    if (const auto block = block_of(*head, id)) note(*head, of, *block);
  }
}

void SearchSegments::take_in(const OtpId& id, SearchClass of) {
  for (auto head = heads_.rbegin(); head != heads_.rend() && head->newest >= id; ++head)
    if (head->oldest <= id && set_in(*head, id, of)) return;
}

bool SearchSegments::set_in(Head& head, const OtpId& id, SearchClass of) {
  const auto of_head = block_of(head, id);
  if (!of_head) return false;
  const std::uint8_t n = *of_head;
  SearchBlock* block = block_to_change({head.number, n});
  if (block == nullptr) return false;
  const auto at = std::ranges::lower_bound(block->ids, id);
  if (at == block->ids.end() || *at != id) return false;
  SearchClass& known = block->classes[static_cast<std::size_t>(at - block->ids.begin())];
  const SearchClass before = std::exchange(known, of);
  if (before == of) return true;
  const auto is_as_before = [&](SearchClass other) { return (other & head.known) == (before & head.known); };
  if (!std::ranges::any_of(block->classes, is_as_before)) forget(head, before, n);
  note(head, of, n);
  head.is_changed = true;
  return true;
}

/// From the oldest on: what comes late comes about as late, so that most of a block's changes are there by then.
void SearchSegments::flush() {
  is_taking_in_ = changes_.size() > (is_taking_in_ ? sizes_.changes_kept / 2 : sizes_.changes_kept);
  if (!is_taking_in_) return;
  auto at = changes_.begin();
  for (; at != changes_.end() && changed_.size() <= sizes_.blocks_rewritten; ++at) {
    take_in(at->first, at->second);
    kv_.erase(Table::search_changes, as_text(at->first.octets));
  }
  changes_.erase(changes_.begin(), at);
  write_changed();
}

void SearchSegments::write_changed() {
  for (const auto& [name, block] : changed_)
    kv_.put(Table::search_blocks, block_key(name.first, name.second), xion::to_row(block));
  changed_.clear();
  for (Head& head : heads_) {
    if (!head.is_changed) continue;
    kv_.put(Table::search_segments, segment_key(head.number), to_row(head));
    head.is_changed = false;
  }
}

void SearchSegments::collect_of_block(BlockName name, const ClassFilter& filter, std::optional<OtpId> before,
                                      NewestIds& found, std::size_t& left) {
  const auto collect = [&](std::size_t size, auto id, auto class_of) {
    for (std::size_t i = size; i-- > 0 && left > 0;) {
      if (!filter.matches(class_of(i)) || (before && id(i) >= *before)) continue;
      found.add(id(i));
      --left;
    }
  };
  const auto row = kv_.get(Table::search_blocks, block_key(name.first, name.second));
  const auto view = row ? SearchBlockView::of(*row) : std::nullopt;
  if (!view || view->size() == 0) return;
  const auto change = changes_.lower_bound(view->id(0));
  const bool has_changes = change != changes_.end() && change->first <= view->id(view->size() - 1);
  collect(
      view->size(), [&](std::size_t i) { return view->id(i); },
      [&](std::size_t i) {
        const auto at = has_changes ? changes_.find(view->id(i)) : changes_.end();
        return at == changes_.end() ? view->class_of(i) : at->second;
      });
}

/// The oldest id from which on everything was looked at, down to `looked_at` in this segment. Segments overlap where
/// the clock was set back.
OtpId SearchSegments::stop_at(OtpId looked_at, std::vector<Head>::const_reverse_iterator segment) const {
  for (auto older = segment + 1; older != heads_.rend() && older->newest >= looked_at; ++older) {
    looked_at = older->newest;
    for (std::size_t i = OtpId::size; i-- > 0 && ++looked_at.octets[i] == 0;) {
    }
  }
  return looked_at;
}

std::optional<OtpId> SearchSegments::collect(const ClassFilter& filter, std::optional<OtpId> before,
                                             const OtpId& oldest, NewestIds& found) {
  std::size_t blocks_left = sizes_.blocks_looked_at;
  for (auto head = heads_.rbegin(); head != heads_.rend(); ++head) {
    if (before && head->oldest >= *before) continue;
    if (head->newest < oldest || found.is_settled(head->newest)) break;
    const ClassFilter wanted = filter.within(head->known);
    std::uint64_t blocks = 0;
    for (const auto& [of, in] : head->blocks_of) blocks |= wanted.matches(of) ? in : 0;
    std::size_t left = found.limit();
    while (blocks != 0 && left > 0) {
      const auto n = static_cast<std::size_t>(std::bit_width(blocks)) - 1;
      blocks &= ~(std::uint64_t{1} << n);
      const OtpId& first = head->first_of[n];
      if (before && first >= *before) continue;
      collect_of_block({head->number, static_cast<std::uint8_t>(n)}, filter, before, found, left);
      if (blocks_left > 0 && --blocks_left > 0) continue;
      if (const auto stop = stop_at(first, head); !before || stop < *before) return stop;
    }
  }
  return std::nullopt;
}

void SearchSegments::forget_before(const OtpId& oldest, std::size_t limit) {
  for (; limit > 0 && !heads_.empty() && heads_.front().newest < oldest; --limit) {
    const std::uint32_t number = heads_.front().number;
    kv_.erase(Table::search_segments, segment_key(number));
    for (int block = 0; block < 64; ++block)
      kv_.erase(Table::search_blocks, block_key(number, static_cast<std::uint8_t>(block)));
    heads_.erase(heads_.begin());
  }
  const auto end = changes_.lower_bound(oldest);
  for (auto at = changes_.begin(); at != end; ++at) kv_.erase(Table::search_changes, as_text(at->first.octets));
  changes_.erase(changes_.begin(), end);
}

std::optional<OtpId> SearchSegments::newest() const {
  return heads_.empty() ? std::nullopt : std::optional(heads_.back().newest);
}

std::uint32_t SearchSegments::last_number() const {
  std::uint32_t last = 0;
  for (const Head& head : heads_) last = std::max(last, head.number);
  return last;
}

}  // namespace xion
