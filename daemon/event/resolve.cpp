#include "event/resolve.h"

#include <fmt/format.h>

#include <atomic>
#include <system_error>
#include <thread>

namespace xion {

namespace {

constexpr int threads_limit = 16;
std::atomic<int> threads_running = 0;

void hand_over(Mailbox& mailbox, std::move_only_function<void(Resolved)> done, Resolved found) {
  mailbox.put([done = std::move(done), found = std::move(found)]() mutable { done(std::move(found)); });
}

}  // namespace

void resolve(std::shared_ptr<Mailbox> mailbox, TcpAddress address, std::move_only_function<void(Resolved)> done) {
  if (threads_running.fetch_add(1) >= threads_limit) {
    --threads_running;
    hand_over(*mailbox, std::move(done),
              std::unexpected(fmt::format("{}: too many look-ups are waiting", address.host)));
    return;
  }
  std::thread([mailbox = std::move(mailbox), address = std::move(address), done = std::move(done)]() mutable {
    Resolved found = look_up(address);
    --threads_running;
    hand_over(*mailbox, std::move(done), std::move(found));
  }).detach();
}

}  // namespace xion
