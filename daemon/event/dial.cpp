#include "event/dial.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>

#include "base/assert.h"

namespace xion {

namespace {

/// How long written octets may stay unacknowledged, and a silent peer unprobed, before the kernel gives up.
constexpr int user_timeout_ms = 30'000;

void tune(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
}

}  // namespace

Dial::Dial(EventLoop& loop, std::string address, std::string local_address, Done done)
    : loop_(loop),
      text_(std::move(address)),
      local_address_(std::move(local_address)),
      done_(std::move(done)),
      alive_(std::make_shared<Dial*>(this)) {
  wait(-1, 0, Millis{0});
}

void Dial::wait(int fd, short what, Millis limit) {
  event_.reset(event_new(loop_.base(), fd, what, &Dial::stepped, this));
  XION_ASSERT(event_ != nullptr);
  const timeval after = as_timeval(limit);
  event_add(event_.get(), &after);
}

void Dial::stepped(evutil_socket_t, short what, void* self) noexcept {
  Dial& dial = *static_cast<Dial*>(self);
  switch (dial.step_) {
    case Step::begin: return dial.begin();
    case Step::resolve: return dial.finish(std::unexpected("the name server did not answer in 10 s"));
    case Step::connect:
      if ((what & EV_TIMEOUT) == 0) return dial.connected();
      dial.trouble_ = "no answer in 10 s";
      return dial.try_next();
    case Step::over: return;
  }
}

void Dial::begin() {
  const auto address = parse_tcp_address(text_);
  if (!address) return finish(std::unexpected(address.error()));
  candidates_ = literal(*address);
  if (!candidates_.empty()) return try_next();
  step_ = Step::resolve;
  wait(-1, 0, connect_timeout);
  resolve(loop_.mailbox(), *address, [alive = std::weak_ptr(alive_)](Resolved found) {
    if (const auto dial = alive.lock()) (*dial)->resolved(std::move(found));
  });
}

void Dial::resolved(Resolved found) {
  if (step_ != Step::resolve) return;
  if (!found) return finish(std::unexpected(found.error()));
  candidates_ = std::move(*found);
  try_next();
}

void Dial::try_next() {
  step_ = Step::connect;
  while (next_ < candidates_.size()) {
    if (attempt(candidates_[next_++])) return wait(fd_.get(), EV_WRITE, connect_timeout);
  }
  finish(std::unexpected(trouble_));
}

/// True where the outcome will show when the socket becomes writable.
bool Dial::attempt(const SocketAddress& address) {
  event_.reset();  // Before the socket that it watches is closed.
  fd_ = OpenFile(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd_.is_open() && bind_to_local(address.storage.ss_family)) {
    tune(fd_.get());
    if (::connect(fd_.get(), address.get(), address.length) == 0 || errno == EINPROGRESS) return true;
  }
  trouble_ = plain_reason(errno);
  return false;
}

/// False, with the reason in errno, where the address isn't ours, or of the other family than the carrier's.
bool Dial::bind_to_local(int family) {
  if (local_address_.empty()) return true;
  const auto ours = literal({local_address_, 0});
  if (ours.empty() || ours.front().storage.ss_family != family) {
    errno = EAFNOSUPPORT;
    return false;
  }
  // The port is chosen when the peer is known: as many connections as there are peers and ports, not ports alone.
  const int on = 1;
  setsockopt(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  return ::bind(fd_.get(), ours.front().get(), ours.front().length) == 0;
}

void Dial::connected() {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error == 0) return finish(std::move(fd_));
  trouble_ = plain_reason(error);
  try_next();
}

void Dial::finish(std::expected<OpenFile, std::string> outcome) {
  step_ = Step::over;
  event_.reset();
  done_(std::move(outcome));
}

}  // namespace xion
