#include "store/census.h"

#include <fmt/format.h>

#include <numeric>
#include <optional>
#include <set>

#include "core/guard/guess_budget.h"
#include "core/guard/traffic_counts.h"
#include "core/otp/otp.h"
#include "core/otp/otp_record.h"
#include "core/owners/app.h"
#include "core/owners/dashboard_pass.h"
#include "core/owners/list_entry.h"
#include "core/owners/webhook.h"
#include "core/owners/webhook_health.h"
#include "core/texts/message_template.h"
#include "store/near/near_journal.h"
#include "store/otp_key.h"
#include "store/row_octets.h"
#include "store/runs/run_index.h"
#include "store/search/search_index.h"
#include "store/webhook_rows.h"

namespace xion {
namespace {

constexpr std::uint64_t rows_between_progress = 16'384;

/// Whether a row reads as what its table holds.
bool is_readable(Table table, std::string_view key, std::string_view value) {
  const bool has_row_id = key.size() == sizeof(RowId);
  switch (table) {
    case Table::meta:
    case Table::decoys: return true;
    case Table::apps: return app_from_record(value).has_value();
    case Table::keys: return api_key_from_record(value).has_value();
    case Table::otps: return key.size() == OtpId::size && from_record(otp_id_of(key), value).has_value();
    case Table::parked:
    case Table::unmatched: return has_row_id && receipt_from_row(value).has_value();
    case Table::counters:
      return key.size() == sizeof(AppId) + sizeof(std::uint32_t) && counters_from_row(value).has_value();
    case Table::answers: return has_row_id && answer_from_row(value).has_value();
    case Table::lists: return list_entry_from_record(value).has_value();
    case Table::notes: return has_row_id && note_from_row(value).has_value();
    case Table::templates: return template_from_record(value).has_value();
    case Table::traffic:
      return key.size() == sizeof(std::uint32_t) &&
             TrafficCounts().restore_day(static_cast<Day>(from_big_endian<std::uint32_t>(key)), value);
    case Table::webhooks: return webhook_from_record(key, value).has_value();
    case Table::webhook_health: return webhook_health_from_record(value).has_value();
    case Table::deliveries_due:
    case Table::deliveries: return has_row_id && delivery_from_row(from_big_endian<RowId>(key), value).has_value();
    case Table::audit: return has_row_id && audit_event_from_record(value).has_value();
    case Table::stats:
    case Table::stat_hours: return stat_sums_from_row(value).has_value();
    case Table::dashboard: return dashboard_pass_from_record(value).has_value();
    case Table::search_segments:
    case Table::search_blocks:
    case Table::search_runs:
    case Table::search_entries:
    case Table::search_strays:
    case Table::search_changes: return is_readable_search_row(table, key, value);
    case Table::index_log:
    case Table::index_runs:
    case Table::index_entries:
    case Table::index_filters: return is_readable_index_row(table, key, value);
    case Table::guesses: return guess_row_from_record(key, value).has_value();
    case Table::journal: return read_journal_row(value, [](auto&&...) {});
  }
  return false;
}

/// Whose it is, of what goes with its app; 0: everybody's.
std::optional<AppId> owner_of(Table table, std::string_view value) {
  const auto app_of = [](const auto& thing) { return thing ? std::optional(thing->app) : std::nullopt; };
  switch (table) {
    case Table::keys: return app_of(api_key_from_record(value));
    case Table::lists: return app_of(list_entry_from_record(value));
    case Table::templates: return app_of(template_from_record(value));
    default: return std::nullopt;
  }
}

std::string name_of_row(Table table, std::string_view key) {
  const char* const name = name_of(table);
  if (table == Table::otps && key.size() == OtpId::size) return fmt::format("{} {}", name, to_string(otp_id_of(key)));
  return fmt::format("{} {}", name, hex(as_octets(key.substr(0, 16))));
}

}  // namespace

std::uint64_t Census::total() const { return std::accumulate(rows.begin(), rows.end(), std::uint64_t{0}); }

Census take_census(Kv& kv, const std::function<void(std::uint64_t rows)>& progress) {
  Census census;
  std::set<AppId> apps;  // Their table comes before those of what is theirs.
  std::uint64_t read = 0;
  for (std::size_t i = 0; i < table_count; ++i) {
    const auto table = static_cast<Table>(i);
    kv.scan(table, {}, [&](std::string_view key, std::string_view value) {
      ++census.rows[i];
      if (!is_readable(table, key, value) && census.unreadable++ == 0)
        census.first_unreadable = name_of_row(table, key);
      if (table == Table::apps && key.size() == sizeof(AppId)) apps.insert(from_big_endian<AppId>(key));
      const auto owner = owner_of(table, value);
      if (owner && *owner != 0 && !apps.contains(*owner) && census.astray++ == 0)
        census.first_astray = name_of_row(table, key);
      if (progress && ++read % rows_between_progress == 0) progress(read);
      return true;
    });
  }
  return census;
}

}  // namespace xion
