#include "control/send_refusal.h"

#include <fmt/format.h>

#include <utility>

namespace xion::control {

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
  const bool is_limited = outcome.verdict == SendVerdict::cooldown_active ||
                          outcome.verdict == SendVerdict::rate_limited || outcome.verdict == SendVerdict::phone_locked;
  const bool is_routed =
      outcome.verdict == SendVerdict::no_route_available || outcome.verdict == SendVerdict::overloaded;
  command.refuse(std::move(detail),
                 is_limited  ? "`xionctl limit show PHONE` says which limit, `xionctl limit reset PHONE` forgets it"
                 : is_routed ? "`xionctl route explain PHONE` and `xionctl status` say why"
                             : "`xionctl app show APP` shows what it may do");
}

}  // namespace xion::control
