#include "engines/store_copy.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "core/otp/marks.h"
#include "core/otp/otp_record.h"
#include "core/row_id.h"
#include "store/row_octets.h"
#include "store/siphash.h"

namespace xion::store_copy {
namespace {

constexpr std::array thing_kinds{
    ThingKind::app,     ThingKind::api_key,        ThingKind::message_template, ThingKind::list_entry,
    ThingKind::webhook, ThingKind::webhook_health, ThingKind::dashboard_pass,   ThingKind::mark,
    ThingKind::guesses};
constexpr std::array row_kinds{RowKind::parked,  RowKind::unmatched, RowKind::answer, RowKind::note,
                               RowKind::waiting, RowKind::over,      RowKind::audit};
/// A page's range of requests has no more than it was read with, and what came between since.
constexpr std::size_t all_of_a_range = std::numeric_limits<std::uint32_t>::max();

ThingKind thing_kind(const Place& place) { return thing_kinds.at(place.kind); }
RowKind row_kind(const Place& place) { return row_kinds.at(place.kind); }

/// After the last page of a kind.
std::optional<Place> after(const Place& place) {
  const std::size_t kinds = place.part == Part::things ? thing_kinds.size()
                            : place.part == Part::rows ? row_kinds.size()
                                                       : 1;
  if (place.kind + 1U < kinds) return Place{place.part, static_cast<std::uint8_t>(place.kind + 1), {}};
  const auto part = static_cast<Part>(std::to_underlying(place.part) + 1);
  return part == Part::count_ ? std::nullopt : std::optional(Place{part, 0, {}});
}

/// The page is full: what comes next is of the same kind.
void go_on(Page& page, std::string from) { page.next = Place{page.place.part, page.place.kind, std::move(from)}; }

/// Which mark is about the store, and not about what is in it: the copying, and what was written there.
bool is_of_store(const Place& place, std::string_view key) {
  return thing_kind(place) == ThingKind::mark && (key == import_mark_key || key == formats_key);
}

std::optional<OtpId> id_of(std::string_view octets) {
  if (octets.size() != OtpId::size) return std::nullopt;
  OtpId id;
  std::ranges::copy(as_octets(octets), id.octets.begin());
  return id;
}

RowId row_of(std::string_view octets) { return octets.empty() ? 0 : from_big_endian<RowId>(octets); }
std::string octets_of(RowId id) { return std::string(BigEndian(id).view()); }

/// The next one after it; nothing: it is the very last.
std::optional<OtpId> successor(OtpId id) {
  for (auto octet = id.octets.rbegin(); octet != id.octets.rend(); ++octet)
    if (++*octet != 0) return id;
  return std::nullopt;
}

std::size_t times(Records& records, const Note& note) {
  const auto events = records.history(note.key, note.entry.at);
  return static_cast<std::size_t>(std::ranges::count_if(
      events, [&](const HistoryEntry& event) { return event.at == note.entry.at && event.tag == note.entry.tag; }));
}

/// Whether a page takes more.
class Filling {
 public:
  explicit Filling(const PageLimit& limit) : left_(limit) {}
  /// False: with this one it is full.
  bool add(std::size_t octets) {
    left_.records -= 1;
    left_.octets -= std::min(octets, left_.octets);
    return left_.records > 0 && left_.octets > 0;
  }

 private:
  PageLimit left_;
};

// --- reading --------------------------------------------------------------------------------------------------------

void read_things(Records& source, Page& page, const PageLimit& limit) {
  Filling filling(limit);
  source.things_from(thing_kind(page.place), page.place.from, [&](std::string_view key, std::string_view record) {
    if (is_of_store(page.place, key)) return true;
    page.things.emplace_back(key, record);
    if (filling.add(key.size() + record.size())) return true;
    page.last = key;
    go_on(page, page.last + '\0');
    return false;
  });
}

void read_requests(Records& source, Page& page, const PageLimit& limit) {
  page.requests = source.otps({.after = id_of(page.place.from), .before = {}}, limit.records);
  bool is_full = page.requests.size() == limit.records;
  Filling filling(limit);
  for (std::size_t at = 0; at < page.requests.size(); ++at) {
    if (filling.add(to_record(page.requests[at]).size())) continue;
    is_full = true;
    page.requests.resize(at + 1);
  }
  if (!is_full) return;
  page.last = as_text(page.requests.back().id.octets);
  go_on(page, page.last);
}

/// Of several under one key only the last can be asked for, and some engines have no other.
bool is_left_out(Records& source, WallTime now, RowId id, const Row& row) {
  const auto* answer = std::get_if<KeptAnswer>(&row);
  return answer != nullptr && (made_at(id) + answer_kept <= now + last_moments || source.answer_of(answer->key) != id);
}

void read_rows(Records& source, WallTime now, Page& page, const PageLimit& limit) {
  Filling filling(limit);
  std::vector<std::pair<RowId, Row>> read;
  source.rows_from(row_kind(page.place), row_of(page.place.from), [&](RowId id, const Row* row) {
    if (row != nullptr) read.emplace_back(id, *row);
    if (filling.add(row != nullptr ? to_octets(*row).size() : 0)) return true;
    page.last = octets_of(id);
    go_on(page, octets_of(id + 1));
    return false;
  });
  for (auto& [id, row] : read) {
    if (is_left_out(source, now, id, row))
      ++page.left_out.answers;
    else
      page.rows.emplace_back(id, std::move(row));
  }
}

/// How often each is there, and which are too many: a subject's events are looked up once for all of a page.
void count_notes(Records& source, WallTime now, std::vector<Note> notes, Page& page) {
  std::map<std::string, std::vector<HistoryEntry>> events;
  const auto subject = [](const Note& note) { return to_row(note.key, {}); };
  std::map<std::string, WallTime> since;
  for (const Note& note : notes) {
    auto& first = since.try_emplace(subject(note), note.entry.at).first->second;
    first = std::min(first, note.entry.at);
  }
  for (Note& note : notes) {
    const auto [of_subject, is_new] = events.try_emplace(subject(note));
    if (is_new) of_subject->second = source.history(note.key, since.at(of_subject->first));
    std::size_t later = 0, same = 0;  // Not before it, and the very same.
    for (const HistoryEntry& event : of_subject->second) {
      later += event.at >= note.entry.at ? 1 : 0;
      same += event.at == note.entry.at && event.tag == note.entry.tag ? 1 : 0;
    }
    const bool is_over = note.entry.at + note_kept <= now + last_moments;
    if (is_over || same == 0 || later > notes_of_subject)
      ++page.left_out.notes;
    else
      page.notes.push_back({std::move(note), same});
  }
}

void read_notes(Records& source, WallTime now, Page& page, const PageLimit& limit) {
  Filling filling(limit);
  std::vector<Note> notes;
  source.notes_from(page.place.from, [&](std::string_view rest, const Note* note) {
    if (note != nullptr) notes.push_back(*note);
    if (filling.add(sizeof(Note))) return true;
    go_on(page, std::string(rest));
    return false;
  });
  count_notes(source, now, std::move(notes), page);
}

void read_sums(Records& source, Page& page, const PageLimit& limit) {
  Filling filling(limit);
  const auto add = [&](std::string_view rest, std::size_t octets) {
    if (filling.add(octets)) return true;
    go_on(page, std::string(rest));
    return false;
  };
  if (page.place.part == Part::counters)
    source.counters_from(page.place.from, [&](std::string_view rest, const CountersRow& row) {
      page.counters.push_back(row);
      return add(rest, sizeof row);
    });
  else
    source.sums_from(page.place.from, [&](std::string_view rest, const SumsRow& row) {
      page.sums.push_back(row);
      return add(rest, sizeof row);
    });
}

void read_traffic(Records& source, Page& page, const PageLimit& limit) {
  Filling filling(limit);
  bool is_full = false;
  source.traffic_from(page.place.from, [&](std::string_view rest, std::uint64_t subject, const TrafficRow& row) {
    page.traffic.emplace(subject, row);
    is_full = is_full || !filling.add(row.octets().size());
    if (!is_full || rest.empty()) return true;
    go_on(page, std::string(rest));
    return false;
  });
}

// --- writing --------------------------------------------------------------------------------------------------------

/// Puts what is not there or is another, erases what is there and not in the page. Both in the order of their keys.
template <typename Wanted, typename There, typename Put, typename Erase>
Applied make_same(const Wanted& wanted, const There& there, Put put, Erase erase) {
  Applied applied;
  auto at = there.begin();
  for (const auto& [key, record] : wanted) {
    for (; at != there.end() && at->first < key; ++at) applied.erased += erase(at->first) ? 1 : 0;
    const bool is_there = at != there.end() && at->first == key;
    if (is_there && at->second == record) {
      ++applied.same;
    } else {
      put(key, record, is_there);
      ++applied.put;
    }
    if (is_there) ++at;
  }
  for (; at != there.end(); ++at) applied.erased += erase(at->first) ? 1 : 0;
  return applied;
}

Applied apply_things(Records& target, const Page& page) {
  const ThingKind kind = thing_kind(page.place);
  std::vector<std::pair<std::string, std::string>> there;
  target.things_from(kind, page.place.from, [&](std::string_view key, std::string_view record) {
    if (!page.last.empty() && key > page.last) return false;
    if (!is_of_store(page.place, key)) there.emplace_back(key, record);
    return true;
  });
  return make_same(
      page.things, there, [&](const auto& key, const auto& record, bool) { target.put_thing(kind, key, record); },
      [&](const auto& key) { return target.erase_thing(kind, key); });
}

Applied apply_requests(Records& target, const Page& page) {
  const auto last = id_of(page.last);
  const auto before = last ? successor(*last) : std::nullopt;
  const auto known = target.otps({.after = id_of(page.place.from), .before = before}, all_of_a_range);
  std::vector<std::pair<OtpId, std::string>> wanted, there;
  std::map<OtpId, const Otp*> by_id;
  for (const Otp& otp : known) there.emplace_back(otp.id, to_record(otp));
  for (const Otp& otp : page.requests) {
    wanted.emplace_back(otp.id, to_record(otp));
    by_id.emplace(otp.id, &otp);
  }
  return make_same(
      wanted, there,
      [&](const OtpId& id, const auto&, bool is_there) {
        if (is_there || !target.insert(*by_id.at(id))) target.put(*by_id.at(id));
      },
      [&](const OtpId& id) { return target.erase_request(id), true; });
}

Applied apply_notes(Records& target, const Page& page) {
  Applied applied;
  for (const auto& [note, wanted] : page.notes) {
    if (times(target, note) >= wanted) {
      ++applied.same;
      continue;
    }
    target.put(RowKind::note, target.next_row(note.entry.at), Row{note});
    ++applied.put;
  }
  return applied;
}

/// Answers go by themselves, a day after they were made.
Applied apply_rows(Records& target, const Page& page) {
  const RowKind kind = row_kind(page.place);
  if (kind == RowKind::note) return apply_notes(target, page);
  std::vector<std::pair<RowId, std::string>> wanted, there;
  std::map<RowId, const Row*> by_id;
  target.rows_from(kind, row_of(page.place.from), [&](RowId id, const Row* row) {
    if (!page.last.empty() && id > row_of(page.last)) return false;
    there.emplace_back(id, row != nullptr ? to_octets(*row) : std::string());
    return true;
  });
  for (const auto& [id, row] : page.rows) {
    wanted.emplace_back(id, to_octets(row));
    by_id.emplace(id, &row);
  }
  return make_same(
      wanted, there, [&](RowId id, const auto&, bool) { target.put(kind, id, *by_id.at(id)); },
      [&](RowId id) { return kind != RowKind::answer && target.erase(kind, id); });
}

// --- comparing sums -------------------------------------------------------------------------------------------------

std::uint64_t digest_of(std::string_view of) {
  constexpr SipHash::Key any{0x786F696E'64657631, 0x73756D73'63686563};
  const Hash128 hash = SipHash(any)(of);
  return from_big_endian<std::uint64_t>(as_text(hash.octets).substr(0, sizeof(std::uint64_t)));
}

template <typename Integer>
void add(std::string& to, Integer value) {
  to += BigEndian(value).view();
}

/// Empty: it counts for nothing.
std::string octets_of(const CountersRow& row) {
  if (std::ranges::all_of(row.counters, [](std::uint64_t count) { return count == 0; })) return {};
  std::string octets = "c";
  add(octets, row.app);
  add(octets, static_cast<std::uint32_t>(row.period));
  return octets + to_row(row.counters);
}
std::string octets_of(const SumsRow& row) {
  if (row.place.period == SumsPlace::Period::hour) return {};  // They go by themselves, here and there.
  static const std::string nothing = to_row(StatSums{});
  if (to_row(row.sums) == nothing) return {};
  std::string octets(1, static_cast<char>(row.place.period));
  add(octets, row.place.app);
  add(octets, static_cast<std::uint32_t>(row.place.when));
  octets += static_cast<char>(row.kind);
  return octets + row.name + '\0' + to_row(row.sums);
}

}  // namespace

std::size_t Page::size() const {
  return things.size() + requests.size() + rows.size() + notes.size() + counters.size() + sums.size();
}

void LeftOut::add(const LeftOut& other) {
  notes += other.notes;
  answers += other.answers;
  unreadable += other.unreadable;
}

Page read_page(Records& source, WallTime now, const Place& place, const PageLimit& limit) {
  Page page;
  page.place = place;
  page.next = after(place);
  const std::uint64_t unreadable = source.unreadable();
  switch (place.part) {
    case Part::things: read_things(source, page, limit); break;
    case Part::requests: read_requests(source, page, limit); break;
    case Part::rows:
      if (row_kind(place) == RowKind::note)
        read_notes(source, now, page, limit);
      else
        read_rows(source, now, page, limit);
      break;
    case Part::counters:
    case Part::sums: read_sums(source, page, limit); break;
    case Part::traffic: read_traffic(source, page, limit); break;
    case Part::count_: break;
  }
  // The guard's counts are told from requests, which were met before.
  if (place.part != Part::traffic) page.left_out.unreadable = source.unreadable() - unreadable;
  return page;
}

std::vector<Page> in_pieces(Page page, std::size_t limit) {
  std::vector<Page> pieces;
  const TrafficRows traffic = std::exchange(page.traffic, {});
  pieces.push_back(std::move(page));
  for (const auto& [subject, row] : traffic) {
    if (pieces.back().traffic.size() == limit) pieces.emplace_back().place = pieces.front().place;
    pieces.back().traffic.emplace(subject, row);
  }
  return pieces;
}

Applied apply(Records& target, const Page& page) {
  switch (page.place.part) {
    case Part::things: return apply_things(target, page);
    case Part::requests: return apply_requests(target, page);
    case Part::rows: return apply_rows(target, page);
    case Part::traffic: target.put_traffic_rows(page.traffic); return {};
    case Part::counters:
    case Part::sums:
    case Part::count_: break;
  }
  for (const CountersRow& row : page.counters) target.put(row);
  for (const SumsRow& row : page.sums) target.put(row);
  return {.put = page.size()};
}

void foresee(const Page& page, Reads& reads) {
  reads.written = page.requests;
  for (const auto& [note, wanted] : page.notes) reads.history.push_back(note.key);
  for (const auto& [id, row] : page.rows)
    if (const auto* answer = std::get_if<KeptAnswer>(&row)) reads.answers.push_back(answer->key);
}

SumsCheck check_sums(Records& records, WallTime now, const SumsCheck& so_far, std::size_t limit) {
  const Place first{Part::counters, 0, {}};
  Page page = read_page(records, now, so_far.next.value_or(first), {.records = limit});
  SumsCheck check = so_far;
  const auto add_all = [&](const auto& rows) {
    for (const auto& row : rows) {
      const std::string octets = octets_of(row);
      if (octets.empty()) continue;
      ++check.rows;
      check.digest += digest_of(octets);
    }
  };
  add_all(page.counters);
  add_all(page.sums);
  const bool is_over = !page.next || (page.next->part != Part::counters && page.next->part != Part::sums);
  check.next = is_over ? std::nullopt : std::move(page.next);
  return check;
}

}  // namespace xion::store_copy
