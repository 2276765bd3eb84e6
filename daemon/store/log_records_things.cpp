// The things of the log that there are few of, and what is known of them in memory.
#include "store/engine_marks.h"
#include "store/log_records.h"

namespace xion {

Table table_of(ThingKind kind) {
  switch (kind) {
    case ThingKind::app: return Table::apps;
    case ThingKind::api_key: return Table::keys;
    case ThingKind::message_template: return Table::templates;
    case ThingKind::list_entry: return Table::lists;
    case ThingKind::webhook: return Table::webhooks;
    case ThingKind::webhook_health: return Table::webhook_health;
    case ThingKind::dashboard_pass: return Table::dashboard;
    case ThingKind::mark: return Table::meta;
    case ThingKind::guesses: return Table::guesses;
  }
  return Table::meta;
}

std::optional<std::string> LogRecords::thing(ThingKind kind, std::string_view key) {
  if (kind == ThingKind::list_entry && !indexes_.is_listed(key)) return std::nullopt;
  const auto record = kv_.get(table_of(kind), key);
  return record ? std::optional<std::string>(*record) : std::nullopt;
}

void LogRecords::put_thing(ThingKind kind, std::string_view key, std::string_view record) {
  kv_.put(table_of(kind), key, record);
  if (kind == ThingKind::list_entry) indexes_.set_listed(std::string(key));
  if (kind == ThingKind::webhook) {
    if (const auto webhook = webhook_from_record(key, record)) indexes_.set(*webhook);
  }
}

bool LogRecords::erase_thing(ThingKind kind, std::string_view key) {
  const bool was_there = kv_.erase(table_of(kind), key);
  if (kind == ThingKind::list_entry) indexes_.remove_listed(std::string(key));
  if (kind == ThingKind::webhook) indexes_.remove_webhook(key);
  return was_there;
}

void LogRecords::scan_things(ThingKind kind, std::string_view prefix, VisitThing visit) {
  kv_.scan(table_of(kind), prefix, [&](std::string_view key, std::string_view record) {
    return key.starts_with(prefix) && visit(key, record);
  });
}

void LogRecords::things_from(ThingKind kind, std::string_view from, VisitThing visit) {
  kv_.scan(table_of(kind), from, [&](std::string_view key, std::string_view record) {
    return (kind == ThingKind::mark && is_engines_mark(key)) || visit(key, record);
  });
}

}  // namespace xion
