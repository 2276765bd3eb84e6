#pragma once
#include <optional>
#include <string_view>

#include "base/time.h"

/// What a daemon and systemd say to each other. Without systemd nothing is said, and nothing comes.
/// Source: sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3).
namespace xion::supervisor {

/// It is systemd that started this process and hears how it is, and that starts it again.
bool is_there();

/// The first of the sockets that were handed over; the others follow it.
inline constexpr int first_handed_socket = 3;
int handed_sockets();

/// It serves. `status` is what `systemctl status` shows; one line.
void ready(std::string_view status);
/// A new status, or the reason why it is about to end.
void status(std::string_view status);
void reloading();
void stopping();

/// How often it has to be fed: half of what systemd allows. Nothing: nobody asks.
std::optional<Millis> watchdog_period();
void feed_watchdog();

}  // namespace xion::supervisor
