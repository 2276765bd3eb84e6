#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "ports/stored.h"
#include "store/kv.h"
#include "store/search/search_runs.h"
#include "store/search/search_segments.h"
#include "store/search/search_tail.h"
#include "store/siphash.h"

namespace xion {

/// Whether a row of one of its tables reads as what that holds.
bool is_readable_search_row(Table table, std::string_view key, std::string_view row);

/// Finds requests of the log by phone, reference, app, state or country in a time that hardly grows with the log.
///
/// The newest some thousand requests are in memory, in columns (`SearchTail`); they are read back from the log at
/// start. When there are enough, the oldest of them are sealed: what is known of their classes goes to
/// `SearchSegments`, their phones and references to `SearchRuns`, all in rows that are written once and in key order.
/// So a send pays for a place in memory, and every 16,384th for a millisecond or a few. Nothing of it is needed to know
/// what happened: it can be made anew from the log.
class SearchIndex {
 public:
  explicit SearchIndex(Kv& kv, SearchSizes sizes = {})
      : kv_(kv), sizes_(sizes), segments_(kv_, sizes_), runs_(kv_, sizes_) {}
  SearchIndex(const SearchIndex&) = delete;
  SearchIndex& operator=(const SearchIndex&) = delete;

  /// Once in the life of a data file, before any request.
  static void prepare(Kv& kv);
  /// Forgets everything and reads what is on disk. Then `restore` takes the requests made since `sealed_until`, oldest
  /// first.
  void load();
  std::optional<OtpId> sealed_until() const { return sealed_until_; }
  void restore(const Otp& otp);

  void insert(const Otp& otp);
  void set(const Otp& otp);
  /// At the end of a transaction: seals and merges what is due, writes what changed.
  void flush();
  bool is_full() const { return tail_.size() >= sizes_.segment_requests + sizes_.left_unsealed; }
  /// A log of which nothing was sealed yet is read back in such pieces, with a `flush` after each.
  bool is_piece() const {
    return tail_.size() >= sizes_.segments_at_once * sizes_.segment_requests + sizes_.left_unsealed;
  }
  /// Does all that was put off.
  void settle();
  /// After requests were pruned.
  void forget_pruned();

  struct Found {
    std::vector<OtpId> ids;     ///< Newest first. Some may be of other phones, or not in the log any more.
    std::optional<OtpId> rest;  ///< As in `FoundOtps`.
  };
  Found find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit);

 private:
  SearchTail::Row row_of(const Otp& otp) const;
  std::uint32_t hash_of(AppId app, std::string_view reference) const;
  static std::uint32_t hash_of(const Fingerprint& phone);
  std::optional<OtpId> oldest_in_log();
  void seal();
  void read_hash_key();
  void read_strays();

  Kv& kv_;
  const SearchSizes sizes_;
  SearchTail tail_;
  SearchSegments segments_;
  SearchRuns runs_;
  SipHash hash_;  ///< Of references: so that no customer can make another's collide.
  std::optional<OtpId> sealed_until_;
  std::size_t strays_ = 0;
  std::size_t inserted_ = 0;  ///< Since the last step of the runs.
};

}  // namespace xion
