#pragma once
#include <cstdint>
#include <map>
#include <string_view>

namespace xion {

/// What to do with a message whose submit_sm was answered with a status. The table is in disposition.cpp.
enum class Disposition : std::uint8_t {
  accepted,        ///< 0: remember the id, await the receipt.
  slow_down,       ///< Throttled: head of the queue, slow the bind. Was not accepted: safe to send again.
  queue_full,      ///< Of one destination, mostly: this message goes behind. Of many at once: as slow_down.
  elsewhere,       ///< Next route at once.
  session_broken,  ///< Head of the queue; unbind and rebind this link.
  refused_number,  ///< Next route once.
  our_mistake,     ///< No retry here, alarm; next route once.
};
/// Rows of the table that a carrier means otherwise, by command_status.
using StatusOverrides = std::map<std::uint32_t, Disposition>;
Disposition disposition_of(std::uint32_t command_status, const StatusOverrides& overrides = {});
std::string_view to_string(Disposition disposition);

/// How a refused bind is treated.
enum class BindDisposition : std::uint8_t { back_off, slow_retry_and_alarm };
BindDisposition bind_disposition_of(std::uint32_t command_status);

}  // namespace xion
