#pragma once
#include <cstdint>
#include <string_view>

#include "cli/shown_command.h"

namespace xion::cli {

/// `xionctl carrier test`: takes a carrier step by step, beside its live links or before it has any, and says how far
/// it came and what helps. Exit 0 where all of it is well.
ExitCode test_carrier(const Invocation& wanted);

/// What helps against a bind that was refused. `is_live`: the daemon has binds of the account.
std::string_view hint_of_bind(std::uint32_t status, bool is_live);

}  // namespace xion::cli
