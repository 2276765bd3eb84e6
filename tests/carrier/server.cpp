#include "carrier/server.h"

#include <event2/bufferevent_ssl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace xion::carrier {
namespace {

/// How often the sessions look at their time limits.
constexpr timeval tick_period{.tv_sec = 0, .tv_usec = 100'000};
constexpr int slow_reader_buffer_octets = 4096;

}  // namespace

std::expected<Handle<evconnlistener>, std::string> listen_on(event_base* base, const SocketAddress& address,
                                                             evconnlistener_cb accepted, void* context) {
  if (address.storage.ss_family == AF_UNIX) unlink(reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path);
  constexpr unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC;
  constexpr int backlog = 1024;
  Handle<evconnlistener> listener(evconnlistener_new_bind(base, accepted, context, flags, backlog, address.get(),
                                                          static_cast<int>(address.length)));
  if (!listener) {
    return std::unexpected(fmt::format("cannot listen on {}: {}", address_text(address), std::strerror(errno)));
  }
  return listener;
}

Server::Server(event_base* base, Carrier& carrier, SslContext tls)
    : base_(base), carrier_(carrier), tls_(std::move(tls)) {
  tick_.reset(event_new(base, -1, EV_PERSIST, on_tick, this));
  due_.reset(event_new(base, -1, 0, on_due, this));
  reap_.reset(event_new(base, -1, 0, on_reap, this));
  event_add(tick_.get(), &tick_period);
}

std::expected<void, std::string> Server::listen(const SocketAddress& address) {
  auto listener = listen_on(base_, address, on_accept, this);
  if (!listener) return std::unexpected(listener.error());
  listener_ = std::move(*listener);
  return {};
}

std::string Server::address() const { return address_text(address_of(evconnlistener_get_fd(listener_.get()))); }

void Server::accept(evutil_socket_t fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (carrier_.faults().is_on(Fault::slow_reader)) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &slow_reader_buffer_octets, sizeof slow_reader_buffer_octets);
  }
  bufferevent* stream = nullptr;
  if (tls_) {
    stream = bufferevent_openssl_socket_new(base_, fd, SSL_new(tls_.get()), BUFFEREVENT_SSL_ACCEPTING,
                                            BEV_OPT_CLOSE_ON_FREE);
    if (stream) bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
  } else {
    stream = bufferevent_socket_new(base_, fd, BEV_OPT_CLOSE_ON_FREE);
  }
  if (!stream) {
    close(fd);
    return;
  }
  connections_.emplace_back(*this, stream);
  limit_readers();
  if (limit_) connections_.back().limit_reading(limit_.get());
}

/// Follows the slow-reader fault, which may be switched at any time.
void Server::limit_readers() {
  const std::int64_t wanted = carrier_.faults().number(Fault::slow_reader);
  if (wanted == read_limit_) return;
  read_limit_ = wanted;
  Handle<ev_token_bucket_cfg> limit;
  if (wanted > 0) {
    const auto octets = static_cast<std::size_t>(wanted);
    limit.reset(ev_token_bucket_cfg_new(octets, octets, EV_RATE_LIMIT_MAX, EV_RATE_LIMIT_MAX, nullptr));
  }
  for (Connection& connection : connections_) connection.limit_reading(limit.get());
  limit_ = std::move(limit);  // the old one lives until nobody uses it
}

void Server::tick() {
  limit_readers();
  carrier_.tick(moment());
  turn_ended();
}

void Server::run_due() {
  due_at_ = {};
  carrier_.run_due(moment());
  turn_ended();
}

void Server::turn_ended() {
  const auto next = carrier_.next_due();
  if (!next || (due_at_ != MonoTime{} && due_at_ <= *next)) return;
  due_at_ = *next;
  const timeval wait = timeval_of(std::max(Millis{0}, *next - moment().mono));
  event_add(due_.get(), &wait);
}

void Server::connection_ended() { event_active(reap_.get(), 0, 0); }

void Server::reap() {
  for (auto at = connections_.begin(); at != connections_.end();) {
    if (!at->has_ended()) {
      ++at;
      continue;
    }
    carrier_.closed(at->peer(), moment());
    at = connections_.erase(at);
  }
  turn_ended();
}

}  // namespace xion::carrier
