#pragma once
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log_tail.h"

namespace xion::control {

/// A line of the log taken apart: `smsc.link.closed smsc=a reason="reset by peer" lost=3`.
struct LogFields {
  std::string event;
  std::vector<std::pair<std::string, std::string>> named;  ///< Each name once.
  std::string detail;                                      ///< What is no key=value.
  std::string_view find(std::string_view name) const;      ///< Empty: it isn't there.
};
LogFields parse_log_line(std::string_view line);

/// Which lines somebody wants to see.
struct LogFilter {
  log::Level level = log::Level::debug;
  std::string event;    ///< Its name, or what it begins with before a dot: "smsc.link".
  std::string request;  ///< "OTP-…"
  std::string carrier;
  std::string phone;                            ///< Masked; empty: of all.
  std::set<std::string, std::less<>> requests;  ///< Of that phone.
};
/// Looks at level and event only, so that most lines need not be taken apart.
bool may_match(const LogFilter& filter, const LogLine& line);
bool matches(const LogFilter& filter, const LogFields& fields);

/// {"at":…,"level":…,"event":…, what it says by name, "detail":…}
std::string log_json(const LogLine& line, const LogFields& fields);

}  // namespace xion::control
