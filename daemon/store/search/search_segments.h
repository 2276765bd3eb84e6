#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>

#include "store/kv.h"
#include "store/search/search_block.h"
#include "store/search/search_class.h"
#include "store/search/search_entry.h"
#include "store/search/search_tail.h"

namespace xion {

/// Which requests are of which class, of those that have left the tail. A segment of the log has a head, kept in
/// memory: the classes in it, and in which of its blocks each is. A block, on disk, tells the class of each of its
/// requests. So a search reads blocks that hold something and no others. A class that changes late is a small row at
/// first, and in memory; when there are many, the blocks that they belong to are written anew, a few in a transaction.
class SearchSegments {
 public:
  SearchSegments(Kv& kv, const SearchSizes& sizes) : kv_(kv), sizes_(sizes) {}

  static bool is_readable(std::string_view row) { return head_from_row(0, row).has_value(); }
  void load();
  /// Of rows in the order of their ids.
  void add(std::uint32_t number, std::span<const SearchTail::Row> rows);
  void set(const OtpId& id, SearchClass of);
  /// Takes changes into their blocks where there are many.
  void flush();
  /// The answer is where the search stopped since it had looked at enough blocks: what is older was not looked at.
  std::optional<OtpId> collect(const ClassFilter& filter, std::optional<OtpId> before, const OtpId& oldest,
                               NewestIds& found);
  /// Forgets segments that hold nothing as new as `oldest`, at most so many.
  void forget_before(const OtpId& oldest, std::size_t limit);
  std::optional<OtpId> newest() const;
  std::uint32_t last_number() const;

 private:
  using ClassBlocks = std::pair<SearchClass, std::uint64_t>;  ///< One bit for each block.
  struct Head {
    std::uint32_t number = 0;
    OtpId oldest, newest;
    std::vector<OtpId> first_of;          ///< The oldest id of each block.
    SearchClass known = ~SearchClass{0};  ///< Bits that are told apart.
    std::vector<ClassBlocks> blocks_of;   ///< By class.
    bool is_changed = false;
  };
  using BlockName = std::pair<std::uint32_t, std::uint8_t>;

  static std::uint64_t all_blocks(const Head& head);
  static std::string to_row(const Head& head);
  static std::optional<Head> head_from_row(std::uint32_t number, std::string_view row);
  static std::optional<std::uint8_t> block_of(const Head& head, const OtpId& id);
  void note_early(const OtpId& id, SearchClass of);
  void take_in(const OtpId& id, SearchClass of);
  void write_changed();
  SearchBlock* block_to_change(BlockName name);
  void note(Head& head, SearchClass of, std::uint8_t block);
  static void forget(Head& head, SearchClass of, std::uint8_t block);
  void coarsen(Head& head, SearchClass known);
  bool set_in(Head& head, const OtpId& id, SearchClass of);
  void collect_of_block(BlockName name, const ClassFilter& filter, std::optional<OtpId> before, NewestIds& found,
                        std::size_t& left);
  OtpId stop_at(OtpId looked_at, std::vector<Head>::const_reverse_iterator segment) const;
  void put_in_order();

  Kv& kv_;
  const SearchSizes& sizes_;
  std::vector<Head> heads_;                      ///< Newest last.
  absl::btree_map<OtpId, SearchClass> changes_;  ///< As the rows of `search_changes`: they are newer than the blocks.
  bool is_taking_in_ = false;
  std::map<BlockName, SearchBlock> changed_;  ///< By this flush.
};

}  // namespace xion
