#pragma once
#include <string>

#include "cli/screen.h"
#include "cli/shown_command.h"
#include "wire/value.h"

namespace xion::cli {

/// `status --watch`: what somebody at a console looks at, carriers and rates first. Fits 80 columns and 24 lines with
/// eight carriers. Who chose columns of the command, or an order, has the carriers so.
std::string status_screen(const Command& command, const wire::Value& status, const Screen& screen,
                          const Look& look = {});

}  // namespace xion::cli
