#pragma once
#include <optional>
#include <string>

#include "preflight/unit_facts.h"

namespace xion {

struct ListenerTrouble {
  std::string complaint;
  std::string hint;
};
/// Why nobody could listen at an address of this machine: it isn't this machine's, or its port is for the privileged.
/// Whether the port is in use isn't asked: mostly it is by the daemon that runs. Names are not looked up.
std::optional<ListenerTrouble> why_no_listener(const std::string& address, bool is_root,
                                               const std::optional<UnitFacts>& unit);

}  // namespace xion
