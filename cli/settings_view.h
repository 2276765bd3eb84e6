#pragma once
#include <string>

#include "wire/value.h"

namespace xion::cli {

/// A configuration as its file would say it; members that are no tables go before, as a comment.
std::string settings_text(const wire::Value::Object& settings);

}  // namespace xion::cli
