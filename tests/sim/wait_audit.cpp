#include "sim/wait_audit.h"

#include <algorithm>

namespace xion::sim {

void WaitAudit::check(Millis longest) {
  for (const auto& [phone, told] : ledger_.phones()) {
    const RequestTold* request = ledger_.request(told.current);
    if (request == nullptr || told.sends.empty()) continue;
    const bool is_live =
        request->end == RequestTold::End::none && !request->maybe_ended && agenda_.wall_now() < request->expires_from;
    if (!is_live) continue;
    const MonoTime asked = told.sends.back();
    const Seen& seen = seen_[phone];
    if (std::ranges::any_of(seen.taken, [&](const auto& each) { return each.second >= asked; })) continue;
    const Millis alone = agenda_.now() - std::max(asked, seen.touched);
    if (alone > longest) {
      chronicle_.broken("where a healthy carrier is bound nothing waits longer than the failover time and a second",
                        "{} of {}: for {} ms", request->id, phone, alone.count());
    }
  }
}

}  // namespace xion::sim
