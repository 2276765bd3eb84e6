#pragma once
#include <expected>
#include <string>
#include <vector>

#include "carrier/socket_address.h"

namespace xion::carrier {

/// Asks a running simulator one line, and waits for all of its answer.
/// Errors: a sentence, where nobody listens there or the connection broke.
std::expected<std::vector<std::string>, std::string> ask(const SocketAddress& address, const std::string& line);

}  // namespace xion::carrier
