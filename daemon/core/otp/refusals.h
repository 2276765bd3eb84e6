#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "core/otp/disposition.h"
#include "core/otp/otp.h"

namespace xion {

/// What a message's refusals mean together.
enum class RefusalVerdict : std::uint8_t {
  go_on,           ///< Another carrier may take it.
  give_up,         ///< Two carriers refused the number, the sender or the PDU: a third would too.
  invalid_number,  ///< Two carriers agree that there is no such number (ESME_RINVDSTADR).
};

/// The disposition of a status at a carrier, its overrides counted in.
using DispositionAt = std::function<Disposition(std::string_view carrier, std::uint32_t command_status)>;

/// Next route once: a refusal of the number, or a mistake of ours, is asked of one other carrier and no more, since
/// most would say the same and each costs a message.
RefusalVerdict judge_refusals(const Message& message, const DispositionAt& disposition_at);

}  // namespace xion
