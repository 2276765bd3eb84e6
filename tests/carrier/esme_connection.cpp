#include "carrier/esme_connection.h"

#include <event2/buffer.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

#include "carrier/server.h"

namespace xion::carrier {
namespace {

/// How long a connection that we closed may keep its own half open.
constexpr timeval linger{.tv_sec = 1, .tv_usec = 0};
constexpr std::size_t read_at_once_octets = 64 * 1024;

}  // namespace

Connection::Connection(Server& server, bufferevent* stream)
    : server_(server), peer_(server.carrier().opened(*this, moment())), stream_(stream) {
  bufferevent_setcb(stream, on_read, on_written, on_event, this);
  bufferevent_set_max_single_read(stream, read_at_once_octets);
  bufferevent_enable(stream, EV_READ | EV_WRITE);
  drop_.reset(event_new(bufferevent_get_base(stream), -1, 0, on_drop, this));
}

void Connection::write(std::string_view octets) {
  if (has_ended_) return;
  if (!server_.carrier().faults().is_on(Fault::split_writes) && trickle_.empty()) {
    bufferevent_write(stream_.get(), octets.data(), octets.size());
    return;
  }
  const bool was_idle = trickle_.empty();
  trickle_.append(octets);
  if (was_idle) wait_for_next_octet();
}

void Connection::wait_for_next_octet() {
  const timeval pause = timeval_of(Millis{server_.carrier().faults().number(Fault::split_writes)});
  event_add(drop_.get(), &pause);
}

void Connection::write_one_octet() {
  if (has_ended_ || trickle_.empty()) return;
  // Behind one that is not written yet it would share its segment.
  if (evbuffer_get_length(bufferevent_get_output(stream_.get())) > 0) return wait_for_next_octet();
  bufferevent_write(stream_.get(), trickle_.data() + trickled_, 1);
  if (++trickled_ < trickle_.size()) return wait_for_next_octet();
  trickle_.clear();
  trickled_ = 0;
}

void Connection::read() {
  evbuffer* input = bufferevent_get_input(stream_.get());
  const std::size_t length = evbuffer_get_length(input);
  if (!is_finishing_ && !has_ended_) {
    const auto* octets = reinterpret_cast<const char*>(evbuffer_pullup(input, -1));
    server_.carrier().octets(peer_, {octets, length}, moment());
  }
  evbuffer_drain(input, length);
  if (server_.carrier().faults().is_on(Fault::delayed_acks)) {
    const int never_at_once = 0;  // The kernel forgets it by and by. Source: tcp(7), TCP_QUICKACK.
    setsockopt(bufferevent_getfd(stream_.get()), IPPROTO_TCP, TCP_QUICKACK, &never_at_once, sizeof never_at_once);
  }
  server_.turn_ended();
}

void Connection::finish() {
  if (std::exchange(is_finishing_, true)) return;
  // What the ESME still sends is read and thrown away: closing over unread octets would reset the connection.
  bufferevent_set_timeouts(stream_.get(), &linger, &linger);
  written();
}

void Connection::written() {
  if (!is_finishing_ || !trickle_.empty()) return;
  if (evbuffer_get_length(bufferevent_get_output(stream_.get())) == 0)
    shutdown(bufferevent_getfd(stream_.get()), SHUT_WR);
}

void Connection::reset() {
  const ::linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(bufferevent_getfd(stream_.get()), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  end();
}

void Connection::happened(short what) {
  if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) != 0) end();
}

void Connection::end() {
  if (std::exchange(has_ended_, true)) return;
  event_del(drop_.get());
  bufferevent_disable(stream_.get(), EV_READ | EV_WRITE);
  server_.connection_ended();
}

void Connection::limit_reading(ev_token_bucket_cfg* limit) { bufferevent_set_rate_limit(stream_.get(), limit); }

}  // namespace xion::carrier
