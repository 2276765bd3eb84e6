#pragma once
#include <string>

#include "control/verb.h"
#include "core/owners/audit_event.h"

namespace xion::control {

/// Whether a command changes something, or shows what most may not see: then it is kept who did it.
bool is_audited(const wire::CommandEntry& entry, const wire::Value& args);

/// "app=shop scope=otp:send", secrets left out, phone numbers masked. `app`, where it is known, comes first: see
/// `is_about`.
std::string shown_arguments(const wire::CommandEntry& entry, const wire::Value& args, std::string_view app = {});

/// What a command is about, as it is now, in JSON; empty where the loop doesn't know it.
std::string state_of(const Command& command);

/// Runs a command between the two halves of its audit event.
void run_audited(const wire::CommandEntry& entry, Command command, void (*run)(Command));

}  // namespace xion::control
