#pragma once
#include <memory>
#include <string_view>

#include "ports/http.h"

/// The developer's guide at `/docs/`: the same for everybody, without a key.
namespace xion::docs {

/// Whether a path is the guide's: `/`, which leads to it, and everything below `/docs`.
bool is_for(std::string_view path);
void handle(std::unique_ptr<HttpExchange> exchange);

}  // namespace xion::docs
