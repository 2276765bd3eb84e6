#pragma once
#include <string>

#include "cli/screen.h"
#include "wire/value.h"

namespace xion::cli {

/// `status --watch`: what somebody at a console looks at, carriers and rates first. Fits 80 columns and 24 lines with
/// eight carriers.
std::string status_screen(const wire::Value& status, const Screen& screen);

}  // namespace xion::cli
