#pragma once
#include <string>
#include <vector>

#include "app/codes/send_otp.h"
#include "core/otp/otp.h"
#include "core/texts/message_template.h"

namespace xion {

/// What a send gives that differs from its live request and can't change under one code, by the API's names. Empty: it
/// can go as a resend. What it leaves out differs in nothing.
std::vector<std::string> fixed_differences(const Otp& live, const SendRequest& request, Vault& vault);

/// Takes over what shows in the text or is told back, as far as the send gives it: the rest stays, the template and the
/// locale too, each alone. True: another text than before may be the right one now (`take_text`).
bool take_new_values(Otp& live, const SendRequest& request, const SendRights& rights);
/// The text in which the live request is told from now on, null: the built-in one. A variable that has no place in it
/// goes, unless this send gives it, since that is a slip.
void take_text(Otp& live, const SendRequest& request, const MessageTemplate* text);
/// What a new code may have of its own.
void take_fixed_values(Otp& live, const SendRequest& request, WallTime now);

}  // namespace xion
