#include "event/mailbox.h"

#include <sys/eventfd.h>

#include <cstdint>

#include "base/assert.h"

namespace xion {

Mailbox::Mailbox() : wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { XION_ASSERT(wake_.is_open()); }

void Mailbox::put(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (is_shut_) return;
    waiting_.push_back(std::move(work));
    if (waiting_.size() > 1) return;  // Whoever put the first has woken the loop.
  }
  const std::uint64_t one = 1;
  XION_ASSERT(::write(wake_.get(), &one, sizeof one) == sizeof one);
}

std::vector<Mailbox::Work> Mailbox::take() {
  // The wake is cleared first: work that comes from now on either is taken below or wakes again.
  std::uint64_t wakes = 0;
  [[maybe_unused]] const auto octets = ::read(wake_.get(), &wakes, sizeof wakes);
  std::vector<Work> taken;
  const std::lock_guard lock(mutex_);
  taken.swap(waiting_);
  return taken;
}

void Mailbox::shut() {
  std::vector<Work> dropped;  // Destroyed outside the lock: what it captured may post from its destructor.
  const std::lock_guard lock(mutex_);
  is_shut_ = true;
  dropped.swap(waiting_);
}

}  // namespace xion
