#include "dashboard/event_stream.h"

#include <utility>

namespace xion::dashboard {
namespace {

/// What a page may leave unread.
constexpr std::size_t backlog_octets = 256 * 1024;

}  // namespace

EventStream::~EventStream() { body_->end(); }

bool EventStream::send(std::string_view event) {
  if (body_->is_gone() || waiting_.size() > backlog_octets) return false;
  waiting_ += event;
  if (!is_writing_) write();
  return !body_->is_gone();
}

/// What is told before the page is let go still reaches it: the body keeps us until it has taken everything.
void EventStream::write() {
  is_writing_ = true;
  body_->write(std::exchange(waiting_, {}), [self = shared_from_this()] {
    self->is_writing_ = false;
    if (!self->waiting_.empty()) self->write();
  });
}

}  // namespace xion::dashboard
