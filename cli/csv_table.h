#pragma once
#include <string>

#include "wire/value.h"

namespace xion::cli {

/// An array of objects as comma-separated values: a line of names, then a line each. Every name that occurs is a
/// column, in the order in which they first do. Source: RFC 4180, but for the line ends, which are those of Unix.
std::string csv(const wire::Value& result);

}  // namespace xion::cli
