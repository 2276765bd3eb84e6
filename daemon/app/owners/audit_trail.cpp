#include "app/owners/audit_trail.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "domain/txn.h"

namespace xion {
namespace {

/// Events that one look reads at most, whatever is asked for: a busy year.
constexpr std::size_t events_looked_at = 200'000;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool matches(const AuditEvent& event, const AuditQuery& query) {
  if (!event.command.starts_with(query.what)) return false;
  if (query.app && query.shows_in_figures) return shows_in_figures_of(event, *query.app);
  if (query.app && !is_about(event, *query.app)) return false;
  if (query.by.empty()) return true;
  const std::string who = query.is_for_owner ? describe_to_owner(event.who) : describe(event.who);
  return lower(who).find(lower(query.by)) != std::string::npos;
}

}  // namespace

void begin_audit(Store& store, const AuditEvent& event, std::function<void(RowId)> go_on) {
  run_task(
      store, [event](Txn& txn) { return txn.add(event); },
      [go_on = std::move(go_on)](Commit commit, RowId& row) { go_on(commit == Commit::durable ? row : RowId{}); });
}

void end_audit(Store& store, RowId row, const AuditEvent& event) {
  if (row == RowId{}) return;
  run_task(
      store,
      [row, event](Txn& txn) {
        txn.put(row, event);
        return true;
      },
      [](Commit, bool&) {});
}

void list_audit(Store& store, AuditQuery query, std::function<void(std::optional<std::vector<AuditEvent>>)> done) {
  run_task(
      store,
      [query = std::move(query)](Txn& txn) {
        std::vector<AuditEvent> found;
        std::size_t looked = 0;
        txn.scan_audit([&](const AuditEvent& event) {
          if (event.at < query.since || ++looked > events_looked_at) return false;
          if (matches(event, query)) found.push_back(event);
          return found.size() < query.limit;
        });
        return found;
      },
      [done = std::move(done)](Commit commit, std::vector<AuditEvent>& found) {
        done(commit == Commit::failed ? std::nullopt : std::optional(std::move(found)));
      });
}

}  // namespace xion
