#include "ports/rows.h"

namespace xion {

std::string_view to_string(RowTable table) {
  switch (table) {
    case RowTable::things: return "things";
    case RowTable::guesses: return "guesses";
    case RowTable::otps: return "otps";
    case RowTable::names: return "names";
    case RowTable::phones: return "phones";
    case RowTable::outbox: return "outbox";
    case RowTable::carrier_ids: return "carrier_ids";
    case RowTable::events: return "events";
    case RowTable::answers: return "answers";
    case RowTable::parked: return "parked";
    case RowTable::unmatched: return "unmatched";
    case RowTable::waiting: return "waiting";
    case RowTable::over: return "over";
    case RowTable::audit: return "audit";
    case RowTable::sums: return "sums";
    case RowTable::quotas: return "quotas";
    case RowTable::traffic: return "traffic";
    case RowTable::decoys: return "decoys";
    case RowTable::members: return "members";
    case RowTable::beats: return "beats";
    case RowTable::leases: return "leases";
    case RowTable::notices: return "notices";
    case RowTable::count_: break;
  }
  return "rows";
}

}  // namespace xion
