#include "control/send_refusal.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace xion::control {
namespace {

/// Where a refusal is looked into, and undone.
std::string_view way_out(SendVerdict verdict) {
  switch (verdict) {
    case SendVerdict::cooldown_active:
    case SendVerdict::rate_limited:
    case SendVerdict::phone_locked:
      return "`xionctl limit show PHONE` says which limit, `xionctl limit reset PHONE` forgets it";
    case SendVerdict::no_route_available:
    case SendVerdict::overloaded: return "`xionctl route explain PHONE` and `xionctl status` say why";
    case SendVerdict::phone_blocked:
      return "`xionctl otp trace PHONE` says by which block, `xionctl block list` since when";
    case SendVerdict::fraud_suspected:
      return "`xionctl fraud show` says what the guard holds back, `xionctl allow add PHONE` exempts a number";
    case SendVerdict::plan_limit_reached:
    case SendVerdict::spend_cap_reached: return "`xionctl usage` says what is used of the plan";
    case SendVerdict::sent:
    case SendVerdict::country_not_allowed:
    case SendVerdict::number_type_not_allowed:
    case SendVerdict::live_request_differs:
    case SendVerdict::returned:
    case SendVerdict::invalid_ttl:
    case SendVerdict::invalid_field:
    case SendVerdict::template_error:
    case SendVerdict::too_many_segments: return "`xionctl app show APP` shows what it may do";
  }
  return "";
}

}  // namespace

void tell_refusal(const Command& command, const SendOutcome& outcome) {
  if (outcome.verdict == SendVerdict::template_error)
    return command.refuse("the app's text needs variables, which a test does not have",
                          "`xionctl template list` shows it");
  if (outcome.verdict == SendVerdict::too_many_segments)
    return command.refuse(fmt::format("the app's text needs {} parts, and it may send {} at most", outcome.segments,
                                      outcome.segments_max),
                          "`xionctl template list` shows the text, `xionctl app set APP segments_max=…` allows more");
  std::string detail = fmt::format("the send was refused: {}", to_string(outcome.verdict));
  if (outcome.retry_after.count() > 0) detail += fmt::format(", for {} s still", outcome.retry_after.count());
  command.refuse(std::move(detail), std::string(way_out(outcome.verdict)));
}

}  // namespace xion::control
