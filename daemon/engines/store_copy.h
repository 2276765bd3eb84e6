#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ports/foresee.h"
#include "ports/records.h"

/// One store's records into another one, whatever their engines: in pages, and as often as one likes, since what is the
/// same stays, and what the source has no more goes. So it may be broken off at any time and begun anew, and whoever
/// has nothing left to change has compared every record.
namespace xion::store_copy {

/// In the order in which they go over: most of what limits count follows from requests.
enum class Part : std::uint8_t { things, requests, rows, counters, sums, traffic, count_ };

/// Where a page begins.
struct Place {
  Part part = Part::things;
  std::uint8_t kind = 0;  ///< ThingKind or RowKind.
  std::string from;       ///< A key's octets, that one included (of requests: not), or as the engine says; empty: all.
};

/// What of the source does not go over: no engine would count it, or nobody could read it.
struct LeftOut {
  std::size_t notes = 0;       ///< Over their time, or beyond the newest `notes_of_subject`.
  std::size_t answers = 0;     ///< Over their time, or with a newer one under their key.
  std::size_t unreadable = 0;  ///< Corrupt, or of a newer format.
  void add(const LeftOut& other);
};
/// More events of a subject and kind no limit looks at, and no engine need keep.
inline constexpr std::size_t notes_of_subject = 2'000;
/// So near to its end nothing goes over: it would be gone before it was compared.
inline constexpr std::chrono::minutes last_moments{2};

/// A note, and how often the source has the very same.
struct Noted {
  Note note;
  std::size_t times = 0;
};

struct PageLimit {
  std::size_t records = 0;
  std::size_t octets = std::size_t{1} << 20;  ///< And one record more: a page is one transaction of the target.
};
struct Page {
  Place place;
  std::string last;           ///< Its range ends with this key's octets; empty: with its kind.
  std::optional<Place> next;  ///< Nothing: it is the last one.
  std::vector<std::pair<std::string, std::string>> things;
  std::vector<Otp> requests;
  std::vector<std::pair<RowId, Row>> rows;
  std::vector<Noted> notes;
  std::vector<CountersRow> counters;
  std::vector<SumsRow> sums;
  TrafficRows traffic;
  LeftOut left_out{};
  std::size_t size() const;
};
/// Of the guard's counts some engines have no pages: see `in_pieces`.
Page read_page(Records& source, WallTime now, const Place& place, const PageLimit& limit);
/// What is applied in transactions of their own.
std::vector<Page> in_pieces(Page page, std::size_t limit);

/// What became of a page.
struct Applied {
  std::size_t same = 0;  ///< Sums are written without a look.
  std::size_t put = 0;
  std::size_t erased = 0;
};
Applied apply(Records& target, const Page& page);
void foresee(const Page& page, Reads& reads);

/// What all sums come to, in whichever order: of two stores that count the same it is the same.
struct SumsCheck {
  std::uint64_t rows = 0;
  std::uint64_t digest = 0;
  std::optional<Place> next{};  ///< Not all were seen yet.
  bool operator==(const SumsCheck& other) const { return rows == other.rows && digest == other.digest; }
};
/// Goes on from `so_far`. Rows that are all zero count for nothing, nor do those of hours.
SumsCheck check_sums(Records& records, WallTime now, const SumsCheck& so_far, std::size_t limit);

}  // namespace xion::store_copy
