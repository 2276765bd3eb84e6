#include "store/log_engine.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "core/otp/marks.h"
#include "core/otp/otp_record.h"
#include "core/otp/otp_sums.h"
#include "core/otp/world.h"
#include "core/record_formats.h"
#include "store/engine_marks.h"
#include "store/index_feed.h"
#include "store/otp_key.h"
#include "store/row_octets.h"
#include "store/webhook_rows.h"

namespace xion {

std::string why_not_usable(Kv& kv, const Digest* check_value) {
  const auto kept_schema = kv.get(Table::meta, schema_key);
  if (!kept_schema) return "the data file holds something that xiond did not make";
  if (const auto kept = from_big_endian<std::uint32_t>(*kept_schema); kept > newest_schema)
    return fmt::format(
        "made by a newer xiond (schema {}, this one knows {}): install that version, or restore a backup", kept,
        newest_schema);
  if (const std::string missed = out_of_reach(kv.get(Table::meta, formats_key).value_or(""), formats_read());
      !missed.empty())
    return fmt::format("made by a newer xiond, with {}: install that version, or the one before it", missed);
  const bool is_our_key = check_value == nullptr || kv.get(Table::meta, key_ring_key(*check_value)) ||
                          kv.get(Table::meta, check_value_key) == as_text(*check_value);
  if (!is_our_key)
    return "the master key is not the one that the data file was made with: bring back the old key file, or restore it "
           "from a backup";
  return {};
}

std::expected<void, StoreOpenError> LogEngine::open(const Digest& check_value, WallTime now) {
  kv_.begin();
  const bool is_new = kv_.count(Table::meta) == 0 && kv_.count(Table::otps) == 0;
  if (is_new) {
    kv_.put(Table::meta, schema_key, BigEndian(newest_schema).view());
    kv_.put(Table::meta, formats_key, formats_written());
    kv_.put(Table::meta, check_value_key, as_text(check_value));
    kv_.put(Table::meta, stats_key, "1");
    SearchIndex::prepare(kv_);
    kv_.put(Table::meta, searchable_key, "1");
    Indexes::prepare(kv_);
    kv_.put(Table::meta, indexed_key, "1");
    kv_.commit();
  } else {
    if (const auto ring = kv_.get(Table::meta, key_ring_key(check_value))) key_ring_ = *ring;
    auto why_not = why_not_usable(kv_, &check_value);
    const bool has_stats = kv_.get(Table::meta, stats_key).has_value();
    const bool is_searchable = kv_.get(Table::meta, searchable_key).has_value();
    const bool is_indexed = kv_.get(Table::meta, indexed_key).has_value();
    const auto schema = kv_.get(Table::meta, schema_key);
    const FormatLine kept_formats(kv_.get(Table::meta, formats_key).value_or(""));
    const FormatLine formats = newest_of(kept_formats, formats_written());
    const bool is_older =
        formats != kept_formats || (schema && from_big_endian<std::uint32_t>(*schema) < newest_schema);
    kv_.abort();
    if (!why_not.empty()) return std::unexpected(StoreOpenError{std::move(why_not)});
    if (is_older) raise_marks(formats);
    if (!has_stats) count_stats(now);
    if (!is_searchable) make_searchable();
    if (!is_indexed) make_indexes(now);
  }
  opened_at_ = now;
  rebuild(now);
  return {};
}

/// Before anything is written that an older xiond could not read.
void LogEngine::raise_marks(const FormatLine& formats) {
  for (;;) {
    try {
      kv_.begin();
      kv_.put(Table::meta, schema_key, BigEndian(newest_schema).view());
      kv_.put(Table::meta, formats_key, formats);
      kv_.commit();
      return;
    } catch (const MapFull&) {
      kv_.abort();
      kv_.grow();
    }
  }
}

/// The data file was made by an xiond that kept no statistics.
void LogEngine::count_stats(WallTime now) {
  log::info("store.stats.counted", "reason=first_time schema={}", newest_schema);
  for (;;) {
    try {
      kv_.begin();
      StatTallies tallies(kv_);
      kv_.scan(Table::otps, {}, [&](std::string_view key, std::string_view value) {
        const OtpId id = otp_id_of(key);
        if (const auto otp = from_record(id, value))
          otp_sums::replace(tallies, world_of(*otp).counted_as(), id, {}, share_of(*otp), [] { return true; });
        return true;
      });
      tallies.flush();
      kv_.put(Table::meta, stats_key, "1");
      kv_.put(Table::meta, by_carrier_country_key, BigEndian(std::uint64_t{0}).view());
      kv_.commit();
      return;
    } catch (const MapFull&) {
      make_room(now);
    }
  }
}

/// The data file was made by an xiond that had nothing to search it by. It is made in pieces, which fit into memory.
void LogEngine::make_searchable() {
  log::info("store.search.made", "reason=first_time schema={}", newest_schema);
  SearchIndex& search = records_.search();
  bool is_prepared = false;
  for (bool is_more = true; is_more;) {
    try {
      kv_.begin();
      if (!is_prepared) SearchIndex::prepare(kv_);
      search.load();
      const OtpId from = search.sealed_until().value_or(OtpId{});
      kv_.scan(Table::otps, as_text(from.octets), [&](std::string_view key, std::string_view value) {
        if (const auto otp = from_record(otp_id_of(key), value)) search.restore(*otp);
        return !search.is_piece();
      });
      const bool is_last = !search.is_piece();
      search.flush();
      search.settle();
      if (is_last) kv_.put(Table::meta, searchable_key, "1");
      kv_.commit();
      is_prepared = true;
      is_more = !is_last;
    } catch (const MapFull&) {
      kv_.abort();
      kv_.grow();
    }
  }
}

/// The data file was made by an xiond that kept in memory what requests, receipts and events are looked up by. It is
/// all in the log. It is made in pieces, which fit into memory; what an earlier try left is not built upon.
void LogEngine::make_indexes(WallTime now) {
  log::info("store.index.made", "reason=first_time schema={}", newest_schema);
  // Each takes what comes from `from` on, until a piece is full, and sets `from` behind it. True: that was all.
  const auto requests = [&](std::string& from) {
    if (from.empty()) from = as_text(first_otp_id_at(now - window_of(RunKind::submission)).octets);
    return scan_piece(Table::otps, from, [&](std::string_view key, std::string_view value) {
      const auto otp = from_record(otp_id_of(key), value);
      if (!otp) return;
      indexes_.set(*otp);
      indexes_.traffic().restore(*otp);
    });
  };
  const auto answers = [&](std::string& from) {
    if (from.empty()) from = BigEndian(first_row_at(now - answer_kept)).view();
    return scan_piece(Table::answers, from, [&](std::string_view key, std::string_view value) {
      if (const auto digest = answer_key_from_row(value)) indexes_.set_answer(*digest, from_big_endian<RowId>(key));
    });
  };
  const auto notes = [&](std::string& from) {
    if (from.empty()) from = BigEndian(first_row_at(now - note_kept)).view();
    return scan_piece(Table::notes, from, [&](std::string_view key, std::string_view value) {
      if (const auto note = note_from_row(value))
        indexes_.note_by_hand(note->key, note->entry, from_big_endian<RowId>(key));
    });
  };
  in_pieces(now, [&](std::string&) {
    const bool is_empty = indexes_.runs().erase_some();
    if (is_empty) Indexes::prepare(kv_);
    return is_empty;
  });
  kv_.begin();
  indexes_.load();
  kv_.abort();
  in_pieces(now, requests);
  in_pieces(now, answers);
  in_pieces(now, notes);
  in_pieces(now, [&](std::string&) {
    kv_.put(Table::meta, indexed_key, "1");
    return true;
  });
}

/// A transaction for each piece, until one says that it was the last.
void LogEngine::in_pieces(WallTime now, absl::FunctionRef<bool(std::string& from)> piece) {
  std::string from;
  for (bool is_last = false; !is_last;) {
    const std::string began = from;
    try {
      kv_.begin();
      indexes_.advance(now);
      is_last = piece(from);
      indexes_.flush();
      kv_.commit();
    } catch (const MapFull&) {
      kv_.abort();
      kv_.grow();
      from = began;
      is_last = false;
      kv_.begin();
      indexes_.load();
      kv_.abort();
    }
  }
}

bool LogEngine::scan_piece(Table table, std::string& from,
                           absl::FunctionRef<void(std::string_view key, std::string_view value)> take) {
  constexpr std::size_t rows_in_piece = 8'192;
  std::size_t rows = 0;
  kv_.scan(table, from, [&](std::string_view key, std::string_view value) {
    take(key, value);
    from.assign(key).push_back('\0');
    return ++rows < rows_in_piece;
  });
  return rows < rows_in_piece;
}

void LogEngine::begin(WallTime now) {
  kv_.begin();
  if (unread_waiting_) read_waiting(waiting_sizes_.piece);
  records_.begin(now);
}

void LogEngine::begin_reading(WallTime now) {
  kv_.begin_reading();
  records_.begin(now);
}

void LogEngine::finish() {
  records_.flush();
  requests_ = kv_.count(Table::otps);
}

bool LogEngine::commit() {
  const bool has_written = kv_.has_written();
  if (has_written)
    kv_.commit();
  else
    kv_.abort();
  return has_written;
}

void LogEngine::make_room(WallTime now) {
  kv_.abort();
  kv_.grow();
  rebuild(now);
}

void LogEngine::recover(WallTime now) {
  kv_.abort();
  for (;;) {
    try {
      kv_.begin();
      kv_.put(Table::meta, probe_key, BigEndian(first_row_at(now)).view());
      kv_.commit();
      break;
    } catch (const MapFull&) {
      kv_.abort();
      kv_.grow();
    } catch (...) {
      kv_.abort();
      throw;
    }
  }
  rebuild(now);
}

void LogEngine::rebuild(WallTime now) {
  indexes_.clear();
  indexes_.advance(now);
  kv_.begin();
  try {
    indexes_.load();
    rebuild_requests(now);
    rebuild_rows();
    requests_ = kv_.count(Table::otps);
  } catch (...) {
    kv_.abort();
    throw;
  }
  kv_.abort();
}

/// Everything that is still going on was made in the last hours before the log ended, however long ago that was.
void LogEngine::rebuild_requests(WallTime now) {
  WallTime end = now;
  kv_.scan_back(Table::otps, {}, [&](std::string_view key, std::string_view) {
    end = std::min(now, made_at(otp_id_of(key)));
    return false;
  });
  const OtpId first = first_otp_id_at(end - open_at_most);
  SearchIndex& search = records_.search();
  search.load();
  const OtpId first_searched = search.sealed_until().value_or(OtpId{});
  IndexFeed feed(indexes_, opened_at_);
  kv_.scan(Table::otps, as_text(std::min(first, first_searched).octets),
           [&](std::string_view key, std::string_view value) {
             const OtpId id = otp_id_of(key);
             auto otp = from_record(id, value);
             if (!otp) records_.record_is_unreadable(name_of(Table::otps), to_string(id));
             if (otp && id > first_searched) search.restore(*otp);
             if (otp && id >= first) feed.add(std::move(*otp));
             return true;
           });
  feed.finish();
}

void LogEngine::rebuild_rows() {
  kv_.scan(Table::parked, {}, [&](std::string_view key, std::string_view value) {
    const auto row = from_big_endian<RowId>(key);
    indexes_.row_exists(row);
    if (const auto receipt = receipt_from_row(value))
      indexes_.park(*receipt, row);
    else
      records_.record_is_unreadable(name_of(Table::parked), std::to_string(row));
    return true;
  });
  kv_.scan(Table::lists, {}, [&](std::string_view key, std::string_view) {
    indexes_.set_listed(std::string(key));
    return true;
  });
  kv_.scan(Table::traffic, {}, [&](std::string_view key, std::string_view value) {
    const auto day = static_cast<Day>(from_big_endian<std::uint32_t>(key));
    if (!indexes_.traffic().restore_day(day, value))
      records_.record_is_unreadable(name_of(Table::traffic), std::to_string(day));
    else if (day == day_of(opened_at_) - 1)
      indexes_.traffic().day_was_closed(day);
    return true;
  });
  kv_.scan(Table::webhooks, {}, [&](std::string_view id, std::string_view value) {
    if (const auto webhook = webhook_from_record(id, value))
      indexes_.set(*webhook);
    else
      records_.record_is_unreadable(name_of(Table::webhooks), id);
    return true;
  });
  unread_waiting_ = RowId{};
  read_waiting(waiting_sizes_.at_start);
  for (const Table table : {Table::unmatched, Table::answers, Table::notes, Table::deliveries, Table::deliveries_due}) {
    kv_.scan_back(table, {}, [&](std::string_view key, std::string_view) {
      indexes_.row_exists(from_big_endian<RowId>(key));
      return false;
    });
  }
}

/// One that a transaction put meanwhile is in the index already, which takes each once; one that it ended is gone from
/// the table.
void LogEngine::read_waiting(std::size_t rows) {
  std::optional<RowId> last;
  kv_.scan(Table::deliveries_due, BigEndian(*unread_waiting_).view(),
           [&](std::string_view key, std::string_view value) {
             last = from_big_endian<RowId>(key);
             if (const auto place = delivery_place_from_row(value))
               indexes_.waiting_deliveries().add_waiting(*last, *place);
             else
               records_.record_is_unreadable(name_of(Table::deliveries_due), std::to_string(*last));
             return --rows > 0;
           });
  unread_waiting_ = rows == 0 ? std::optional(*last + 1) : std::nullopt;
}

}  // namespace xion
