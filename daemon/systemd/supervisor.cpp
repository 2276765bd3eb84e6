#include "systemd/supervisor.h"

#include <systemd/sd-daemon.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

namespace xion::supervisor {
namespace {

void tell(const std::string& lines) { sd_notify(0, lines.c_str()); }

/// A line of the protocol ends with the text.
std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace

static_assert(first_handed_socket == SD_LISTEN_FDS_START);

bool is_there() { return std::getenv("NOTIFY_SOCKET") != nullptr; }

int handed_sockets() { return sd_listen_fds(1); }

void ready(std::string_view text) { tell(fmt::format("READY=1\nSTATUS={}", first_line(text))); }
void status(std::string_view text) { tell(fmt::format("STATUS={}", first_line(text))); }
void stopping() { tell("STOPPING=1\nSTATUS=finishing what has begun"); }

/// With the time, as systemd.service(5) wants it of Type=notify-reload.
void reloading() {
  const auto now_us =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch());
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now_us.count()));
}

std::optional<Millis> watchdog_period() {
  std::uint64_t limit_us = 0;
  if (sd_watchdog_enabled(0, &limit_us) <= 0) return std::nullopt;
  return Millis{static_cast<std::int64_t>(limit_us / 2000)};
}

void feed_watchdog() { tell("WATCHDOG=1"); }

}  // namespace xion::supervisor
