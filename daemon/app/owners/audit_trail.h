#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/owners/audit_event.h"
#include "core/row_id.h"
#include "ports/store.h"

/// What operators do, kept for a year: an event is stored before what it tells of is done, and again with its end, so
/// that nothing is changed without a trace, whatever happens between.
namespace xion {

/// Keeps an event that has begun, then goes on; with row 0 where the store can't keep it, as on a full disk: an
/// operator has to be able to mend that.
void begin_audit(Store& store, const AuditEvent& event, std::function<void(RowId)> go_on);
/// The same event with its end.
void end_audit(Store& store, RowId row, const AuditEvent& event);

/// Which events are looked for; what is not given matches all.
struct AuditQuery {
  WallTime since{};
  std::string by;                 ///< A part of who it was, whatever its case.
  std::string what;               ///< The beginning of the command: "carrier", "key revoke".
  std::optional<App> app{};       ///< What is about this one.
  bool shows_in_figures = false;  ///< Only what `shows_in_figures_of` the app.
  bool is_for_owner = false;      ///< Who asks is told of operators as `describe_to_owner` does.
  std::size_t limit = 20;
};
/// Newest first. Nothing: the store can't be read.
void list_audit(Store& store, AuditQuery query, std::function<void(std::optional<std::vector<AuditEvent>>)> done);

}  // namespace xion
