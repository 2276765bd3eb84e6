#include "event/stream.h"

#include <event2/bufferevent_ssl.h>

#include <cerrno>

#include "base/assert.h"
#include "event/tls.h"

namespace xion {

namespace {
constexpr Millis handshake_timeout{10'000};
constexpr Millis closing_timeout{10'000};  ///< For a peer that does not read the last octets.
}  // namespace

TcpStream::TcpStream(EventLoop& loop, const Endpoint& endpoint, StreamEvents& events)
    : loop_(loop),
      endpoint_(endpoint),
      events_(events),
      time_limit_(loop.timer([this] { on_time_up(); })),
      dial_(loop, endpoint.address, endpoint.local_address, [this](auto outcome) { on_dialed(std::move(outcome)); }) {}

TcpStream::~TcpStream() {
  if (stream_) tls_say_goodbye(stream_.get());
}

void TcpStream::on_dialed(std::expected<OpenFile, std::string> outcome) {
  if (state_ != State::dialing) return;  // Closed meanwhile.
  if (!outcome) return finish(outcome.error());
  if (auto adopted = adopt(std::move(*outcome)); !adopted) return finish(adopted.error());
  bufferevent_setcb(stream_.get(), &TcpStream::readable, &TcpStream::written, &TcpStream::happened, this);
  bufferevent_enable(stream_.get(), EV_READ | EV_WRITE);
  if (!endpoint_.tls) return open();
  state_ = State::handshaking;
  time_limit_->start(handshake_timeout);
}

std::expected<void, std::string> TcpStream::adopt(OpenFile fd) {
  if (!endpoint_.tls) {
    stream_.reset(bufferevent_socket_new(loop_.base(), fd.release(), BEV_OPT_CLOSE_ON_FREE));
  } else {
    auto tls = tls_client(*endpoint_.tls, parse_tcp_address(endpoint_.address)->host);
    if (!tls) return std::unexpected(tls.error());
    stream_.reset(bufferevent_openssl_socket_new(loop_.base(), fd.release(), tls->release(), BUFFEREVENT_SSL_CONNECTING,
                                                 BEV_OPT_CLOSE_ON_FREE));
    XION_ASSERT(stream_ != nullptr);
    bufferevent_openssl_set_allow_dirty_shutdown(stream_.get(), 1);
  }
  XION_ASSERT(stream_ != nullptr);
  return {};
}

void TcpStream::open() {
  state_ = State::open;
  time_limit_->stop();
  write(std::exchange(early_, {}));
  events_.on_open();
}

void TcpStream::write(std::string_view octets) {
  switch (state_) {
    case State::dialing:
    case State::handshaking: early_.append(octets); return;
    case State::open: bufferevent_write(stream_.get(), octets.data(), octets.size()); return;
    case State::closing:
    case State::closed: return;
  }
}

void TcpStream::close_when_written() {
  if (state_ == State::closing || state_ == State::closed) return;
  // on_close never comes from inside this call.
  if (state_ != State::open) early_.clear();
  const bool is_written = unwritten_octets() == 0 || state_ != State::open;
  state_ = State::closing;
  time_limit_->start(is_written ? Millis{0} : closing_timeout);
}

std::size_t TcpStream::unwritten_octets() const {
  return early_.size() + (stream_ ? evbuffer_get_length(bufferevent_get_output(stream_.get())) : 0);
}

void TcpStream::on_readable() {
  evbuffer* input = bufferevent_get_input(stream_.get());
  while (stream_ != nullptr && evbuffer_get_length(input) > 0) {
    evbuffer_iovec piece{};
    evbuffer_peek(input, -1, nullptr, &piece, 1);
    if (state_ == State::open) events_.on_octets({static_cast<const char*>(piece.iov_base), piece.iov_len});
    evbuffer_drain(input, piece.iov_len);
  }
}

void TcpStream::on_written() {
  if (state_ == State::closing && unwritten_octets() == 0) finish("closed here");
}

void TcpStream::on_time_up() {
  if (state_ == State::handshaking) return finish("TLS: the handshake was not over in 10 s");
  finish(unwritten_octets() == 0 || !stream_ ? "closed here"
                                             : "closed here; the peer did not read the last octets in 10 s");
}

void TcpStream::on_event(short what) {
  if ((what & BEV_EVENT_CONNECTED) != 0) {
    if (state_ != State::handshaking) return;
    const auto pinned = check_pin(bufferevent_openssl_get_ssl(stream_.get()), *endpoint_.tls);
    return pinned ? open() : finish(pinned.error());
  }
  const int error = EVUTIL_SOCKET_ERROR();
  const std::string tls = tls_failure(stream_.get());
  if (!tls.empty()) return finish(tls);
  finish((what & BEV_EVENT_EOF) != 0 ? "closed by the peer" : plain_reason(error));
}

void TcpStream::finish(std::string_view reason) {
  if (state_ == State::closed) return;
  const std::string copy(reason);  // It may live in what is closed below.
  state_ = State::closed;
  time_limit_->stop();
  if (stream_) tls_say_goodbye(stream_.get());
  stream_.reset();
  events_.on_close(copy);
}

}  // namespace xion
