#pragma once
#include <functional>

#include "core/owners/audit_event.h"
#include "core/owners/key_asker.h"
#include "wire/wire.h"

namespace xion {

/// Runs one command of the catalogue for somebody who may give it; answers once, now or after a commit.
using RunCommand = std::function<void(wire::Request request, Actor who, const KeyAsker& asker,
                                      std::function<void(wire::Answer)> answer)>;

}  // namespace xion
