#include "event/http_connections.h"

#include <event2/bufferevent_ssl.h>
#include <event2/http_struct.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/assert.h"
#include "base/log.h"
#include "event/http_body.h"
#include "event/http_exchange.h"

namespace xion {

namespace {

/// How many connections above the limit are told so; more are closed at once.
constexpr std::size_t told_above_limit = 256;

/// Of so many parts of a listener's connections those of one address may take one, until it is known who they are.
constexpr std::size_t parts_of_strangers = 4;
constexpr std::size_t strangers_of_a_place_least = 64;

/// An IPv4 address, or the /64 that an IPv6 address is in: what one customer of a provider has. 0: neither.
std::uint64_t place_of(const sockaddr* address) {
  std::uint64_t place = 0;
  if (address->sa_family == AF_INET) {
    place = reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr;
  } else if (address->sa_family == AF_INET6) {
    const auto& octets = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    const bool is_v4 = IN6_IS_ADDR_V4MAPPED(&octets);
    std::memcpy(&place, octets.s6_addr + (is_v4 ? 12 : 0), is_v4 ? 4 : 8);
  }
  return place;
}

}  // namespace

HttpConnections::HttpConnections(EventLoop& loop, const HttpServerSettings& settings)
    : loop_(loop),
      settings_(settings),
      scan_limits_{.head_octets = settings.header_limit_octets, .body_octets = settings.body_limit_octets} {
  attend_.reset(event_new(
      loop.base(), -1, 0,
      [](evutil_socket_t, short, void* self) noexcept { static_cast<HttpConnections*>(self)->attend(); }, this));
  XION_ASSERT(attend_ != nullptr);
}

HttpConnections::~HttpConnections() = default;

bufferevent* HttpConnections::expect() {
  bufferevent* stream = tls ? bufferevent_openssl_socket_new(loop_.base(), -1, SSL_new(tls.get()),
                                                             BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
                            : bufferevent_socket_new(loop_.base(), -1, 0);
  XION_ASSERT(stream != nullptr);
  if (tls) bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
  // evhttp bounds heads and bodies, but not the line that gives a chunk's size, nor what is pipelined.
  bufferevent_setwatermark(stream, EV_READ, 0, settings_.header_limit_octets + settings_.body_limit_octets);
  newcomers_.push_back({.table = *this,
                        .stream = stream,
                        .phase = tls ? HttpPhase::handshake : HttpPhase::idle,
                        .scan = HttpScan(scan_limits_)});
  HttpConnection& connection = newcomers_.back();
  connection.self = std::prev(newcomers_.end());
  evbuffer_add_cb(bufferevent_get_input(stream), &HttpConnections::watch_input, &connection);
  evbuffer_add_cb(bufferevent_get_output(stream), &HttpConnections::watch_output, &connection);
  // evhttp may still fail to accept and free it, before `attend` has met it.
  bufferevent_incref(stream);
  event_active(attend_.get(), EV_TIMEOUT, 0);
  return stream;
}

void HttpConnections::attend() {
  while (!newcomers_.empty()) meet(newcomers_.front());
  for (HttpConnection* suspect : std::exchange(suspects_, {})) inspect(*suspect);
}

/// A connection's first steps: evhttp has made its own half, which is the argument of the stream's callbacks.
void HttpConnections::meet(HttpConnection& connection) {
  bufferevent_data_cb on_read = nullptr;
  void* owner = nullptr;
  bufferevent_getcb(connection.stream, &on_read, nullptr, nullptr, &owner);
  bufferevent* const stream = connection.stream;
  if (owner == nullptr) {  // evhttp could not accept it.
    newcomers_.pop_front();
  } else {
    connection.evcon = static_cast<evhttp_connection*>(owner);
    const sockaddr* const address = evhttp_connection_get_addr(connection.evcon);
    connection.is_local = address->sa_family == AF_UNIX;
    if ((connection.place = place_of(address)) != 0) ++strangers_[connection.place];
    in(connection.phase).splice(in(connection.phase).end(), newcomers_, connection.self);
    connection.since = loop_.now();
    known_.emplace(connection.evcon, &connection);
    evhttp_connection_set_closecb(
        connection.evcon,
        [](evhttp_connection* gone, void* table) noexcept {
          static_cast<HttpConnections*>(table)->forget(static_cast<HttpConnections*>(table)->of(gone));
        },
        this);
    if (known_.size() > settings_.max_connections) {
      turn_away(connection, "This server has as many connections as it may have. Try again soon.");
    } else if (!has_room_for(connection)) {
      turn_away(connection, "Your address has as many connections as it may have without a key. Try again soon.");
    }
  }
  bufferevent_decref(stream);
}

bool HttpConnections::has_room_for(HttpConnection& connection) {
  const std::size_t limit = std::max(settings_.max_connections / parts_of_strangers, strangers_of_a_place_least);
  return connection.place == 0 || strangers_[connection.place] <= limit;
}

void HttpConnections::know(HttpConnection& connection) {
  const auto place = strangers_.find(std::exchange(connection.place, 0));
  if (place != strangers_.end() && --place->second == 0) strangers_.erase(place);
}

void HttpConnections::turn_away(HttpConnection& connection, std::string_view why) {
  if (connection.since - warned_at_ > Millis{10'000}) {
    warned_at_ = connection.since;
    log::warning("http.connections.full", "connections={} limit={} reason=\"{}\"", known_.size(),
                 settings_.max_connections, why);
  }
  // Nobody is kept long to be told so, or many of them would be.
  const std::size_t told = in(HttpPhase::closing).size();
  if (tls || told >= told_above_limit) return close(connection);
  refuse(connection, {503, "overloaded", std::string(why)});
}

/// What came is no request; or something was written that is not ours: "100 Continue", or a page of evhttp's in HTML,
/// that must not leave.
void HttpConnections::inspect(HttpConnection& connection) {
  connection.is_suspect = false;
  if (connection.is_too_much) {
    return refuse(connection, {503, "overloaded", "Too many requests are arriving at once. Try again soon."});
  }
  if (const HttpRefusal* why = connection.scan.refusal()) return refuse(connection, *why, connection.scan.is_head());
  char start[24] = "";  // "HTTP/1.1 400 Bad Request"; the version is the client's own, whatever it was.
  const auto length = evbuffer_copyout(bufferevent_get_output(connection.stream), start, sizeof start);
  if (length <= 0) return;
  const std::string_view line(start, static_cast<std::size_t>(length));
  const auto digits = line.substr(line.find(' ') + 1);
  int status = 400;
  std::from_chars(digits.data(), digits.data() + digits.size(), status);
  if (status == 100) return;
  refuse(connection, instead_of_page(status), connection.scan.is_head());
}

void HttpConnections::refuse(HttpConnection& connection, const HttpRefusal& refusal, bool without_body) {
  log::debug("http.refused", "status={} code={} detail=\"{}\"", refusal.status, refusal.code, refusal.detail);
  move(connection, HttpPhase::closing);
  hold(connection, 0);
  connection.writes_answer = true;
  bufferevent_setcb(
      connection.stream,
      [](bufferevent* stream, void*) noexcept {
        evbuffer* input = bufferevent_get_input(stream);
        evbuffer_drain(input, evbuffer_get_length(input));
      },
      [](bufferevent* stream, void*) noexcept {
        tls_say_goodbye(stream);
        shutdown(bufferevent_getfd(stream), SHUT_WR);
      },
      &HttpConnections::refusal_happened, &connection);
  evbuffer* output = bufferevent_get_output(connection.stream);
  evbuffer_unfreeze(output, 1);
  evbuffer_drain(output, evbuffer_get_length(output));
  evbuffer_freeze(output, 1);
  const std::string& own = connection.scan.request_id();
  const std::string id = own.empty() ? fresh_request_id() : own;
  const std::string text = refusal_text(refusal, id, quota(), {without_body, tls != nullptr});
  evbuffer_add(output, text.data(), text.size());
  evbuffer* input = bufferevent_get_input(connection.stream);
  evbuffer_drain(input, evbuffer_get_length(input));
  bufferevent_enable(connection.stream, EV_READ | EV_WRITE);
}

void HttpConnections::refusal_happened(bufferevent*, short what, void* self) noexcept {
  auto& connection = *static_cast<HttpConnection*>(self);
  if ((what & BEV_EVENT_CONNECTED) == 0) connection.table.close(connection);
}

bool HttpConnections::agrees(const HttpConnection& connection) {
  return connection.scan.is_whole() &&
         evbuffer_get_length(bufferevent_get_input(connection.stream)) == connection.unread;
}

void HttpConnections::wait_for_answer(HttpConnection& connection) {
  move(connection, HttpPhase::answering);
  // evhttp has stopped reading, and would start again behind the answer: two calls of epoll_ctl for each request. So we
  // read on, into the buffer and no further; its watermark bounds that. evhttp sets its callbacks anew with the answer.
  bufferevent_getcb(connection.stream, nullptr, nullptr, &connection.evhttp_event, nullptr);
  bufferevent_setcb(connection.stream, nullptr, nullptr, &HttpConnections::happened_meanwhile, &connection);
  bufferevent_enable(connection.stream, EV_READ);
}

/// A client that has shut down its sending side still gets its answer.
void HttpConnections::happened_meanwhile(bufferevent* stream, short what, void* self) noexcept {
  auto& connection = *static_cast<HttpConnection*>(self);
  if ((what & BEV_EVENT_EOF) == 0) connection.evhttp_event(stream, what, connection.evcon);
}

ConnectionQuota HttpConnections::quota() const {
  return {settings_.max_connections, settings_.max_connections - std::min(size(), settings_.max_connections)};
}

/// From here on the client has as long as writing may take.
void HttpConnections::expect_answer(HttpConnection& connection, evhttp_request* request) {
  connection.exchange = nullptr;
  connection.writes_answer = true;
  move(connection, HttpPhase::writing);
  evhttp_request_set_on_complete_cb(
      request,
      [](evhttp_request*, void* self) noexcept {
        auto& done = *static_cast<HttpConnection*>(self);
        done.table.finished(done);
      },
      &connection);
}

/// evhttp goes on reading, and so learns that the client has gone before the next chunk is made for nobody.
void HttpConnections::begin_answer(HttpConnection& connection, evhttp_request* request, int status) {
  expect_answer(connection, request);
  if (request->minor < 1) {  // HTTP/1.0 has no chunks: the end of the connection is the end of the body.
    evhttp_remove_header(request->input_headers, "Connection");
    evhttp_remove_header(request->output_headers, "Connection");
    evhttp_add_header(request->output_headers, "Connection", "close");
  }
  evhttp_send_reply_start(request, status, reason_phrase(status).data());
}

void HttpConnections::answer(HttpConnection& connection, evhttp_request* request, int status) {
  expect_answer(connection, request);
  bufferevent* const stream = connection.stream;
  evhttp_send_reply(request, status, reason_phrase(status).data(), nullptr);
  evbuffer* output = bufferevent_get_output(stream);
  if (bufferevent_openssl_get_ssl(stream) == nullptr) {
    // Most answers fit into the socket's buffer: writing now saves two turns of the loop and their epoll_ctl calls.
    evbuffer_unfreeze(output, 1);
    evbuffer_write(output, bufferevent_getfd(stream));
    evbuffer_freeze(output, 1);
    if (evbuffer_get_length(output) == 0) {
      // The end of what the client sends may have been seen in this very turn, and would be told before evhttp comes to
      // the request that waits here.
      if (connection.unread > 0) bufferevent_disable(stream, EV_READ);
      return bufferevent_trigger(stream, EV_WRITE, 0);
    }
  }
  // A client that has shut down its sending side still gets its answer, and one that sends on is not listened to.
  bufferevent_disable(stream, EV_READ);
}

void HttpConnections::finished(HttpConnection& connection) {
  connection.writes_answer = false;
  connection.scan.begin_next();
  move(connection, connection.unread > 0 ? HttpPhase::reading : HttpPhase::idle);
  read(connection);
}

void HttpConnections::move(HttpConnection& connection, HttpPhase phase) {
  in(phase).splice(in(phase).end(), in(connection.phase), connection.self);
  connection.phase = phase;
  connection.since = loop_.now();
}

void HttpConnections::sweep() {
  constexpr auto never = Millis::max();
  const std::array<Millis, static_cast<std::size_t>(HttpPhase::count_)> limits{
      settings_.request_timeout, settings_.idle_timeout, settings_.request_timeout, never,
      settings_.write_timeout,   settings_.linger};
  const MonoTime now = loop_.now();
  for (std::size_t phase = 0; phase < limits.size(); ++phase) {
    while (!phases_[phase].empty() && now - phases_[phase].front().since >= limits[phase])
      overdue(phases_[phase].front());
  }
}

void HttpConnections::overdue(HttpConnection& connection) {
  switch (connection.phase) {
    case HttpPhase::handshake:
      if (SSL_is_init_finished(bufferevent_openssl_get_ssl(connection.stream)))
        return move(connection, HttpPhase::idle);
      return close(connection);
    case HttpPhase::reading:
      return refuse(connection, {408, "request_timeout", "The request was not complete in time."});
    case HttpPhase::writing:
      // The client has taken all that there is: it is we who are slow.
      if (connection.body != nullptr && evbuffer_get_length(bufferevent_get_output(connection.stream)) == 0)
        return move(connection, HttpPhase::writing);
      return close(connection);
    case HttpPhase::idle:
    case HttpPhase::closing: return close(connection);
    case HttpPhase::answering:
    case HttpPhase::count_: return;
  }
}

void HttpConnections::drain(std::function<void()> emptied) {
  emptied_ = std::move(emptied);
  attend();
  // A request may be on its way on a connection that looks idle. Who sends one now is answered, and told that the
  // connection ends.
  drain_timer_ = loop_.timer([this] { close_idle(); });
  drain_timer_->start(settings_.drain_grace);
  // What is made piece by piece may go on for hours.
  auto& writing = in(HttpPhase::writing);
  for (auto at = writing.begin(); at != writing.end();) {
    HttpConnection& connection = *at++;
    if (connection.body != nullptr) close(connection);
  }
  if (size() == 0) emptied_();
}

void HttpConnections::close_idle() {
  for (const HttpPhase phase : {HttpPhase::handshake, HttpPhase::idle}) {
    while (!in(phase).empty()) close(in(phase).front());
  }
}

void HttpConnections::let_go() {
  attend();
  emptied_ = nullptr;
  for (HttpConnection& connection : in(HttpPhase::answering)) {
    if (connection.exchange != nullptr) connection.exchange->keep_request();
  }
}

void HttpConnections::close(HttpConnection& connection) {
  evhttp_connection_free(connection.evcon);  // Comes back as `forget`.
}

void HttpConnections::forget(HttpConnection& connection) {
  if (connection.exchange != nullptr) connection.exchange->client_has_gone();
  if (connection.body != nullptr) std::exchange(connection.body, nullptr)->client_has_gone();
  if (connection.is_suspect) std::erase(suspects_, &connection);
  hold(connection, 0);
  know(connection);
  tls_say_goodbye(connection.stream);
  evbuffer_remove_cb(bufferevent_get_input(connection.stream), &HttpConnections::watch_input, &connection);
  evbuffer_remove_cb(bufferevent_get_output(connection.stream), &HttpConnections::watch_output, &connection);
  known_.erase(connection.evcon);
  in(connection.phase).erase(connection.self);
  if (emptied_ && size() == 0) emptied_();
}

/// Shows `scan` what it has not seen of a request. Where that is refused evhttp does not come to it: the callbacks that
/// it has set, or is about to set, are taken away behind those of this turn, before it reads.
void HttpConnections::read(HttpConnection& connection) {
  evbuffer* const input = bufferevent_get_input(connection.stream);
  while (connection.unread > 0 && !connection.scan.is_over()) {
    evbuffer_ptr at{};
    evbuffer_ptr_set(input, &at, evbuffer_get_length(input) - connection.unread, EVBUFFER_PTR_SET);
    evbuffer_iovec piece{};
    if (evbuffer_peek(input, -1, &at, &piece, 1) < 1) return;
    connection.unread -= connection.scan.take({static_cast<const char*>(piece.iov_base), piece.iov_len});
  }
  hold(connection, connection.scan.is_over() ? 0 : connection.scan.taken());
  connection.is_too_much = connection.held > 0 && unfinished_octets_ > settings_.unfinished_limit_octets;
  if (connection.scan.refusal() == nullptr && !connection.is_too_much) return;
  bufferevent_setcb(connection.stream, nullptr, nullptr, nullptr, nullptr);
  suspect(connection);
}

void HttpConnections::hold(HttpConnection& connection, std::size_t octets) {
  unfinished_octets_ += octets;
  unfinished_octets_ -= std::exchange(connection.held, octets);
}

/// It is looked at behind the callbacks of this turn.
void HttpConnections::suspect(HttpConnection& connection) {
  if (std::exchange(connection.is_suspect, true)) return;
  suspects_.push_back(&connection);
  event_active(attend_.get(), EV_TIMEOUT, 0);
}

void HttpConnections::watch_input(evbuffer*, const evbuffer_cb_info* change, void* self) noexcept {
  auto& connection = *static_cast<HttpConnection*>(self);
  if (change->n_added == 0 || connection.phase == HttpPhase::closing) return;
  connection.unread += change->n_added;
  if (connection.phase > HttpPhase::reading) return;  // It is for when the answer has left.
  if (connection.phase <= HttpPhase::idle) connection.table.move(connection, HttpPhase::reading);
  connection.table.read(connection);
}

void HttpConnections::watch_output(evbuffer*, const evbuffer_cb_info* change, void* self) noexcept {
  auto& connection = *static_cast<HttpConnection*>(self);
  if (connection.writes_answer) {
    // Each octet that the client takes gives it more time.
    if (change->n_deleted > 0 && connection.phase == HttpPhase::writing)
      connection.table.move(connection, HttpPhase::writing);
  } else if (change->n_added > 0) {
    connection.table.suspect(connection);
  }
}

const char* HttpConnections::date_header() {
  const std::time_t now = std::time(nullptr);
  if (now != dated_at_) {
    dated_at_ = now;
    evutil_date_rfc1123(date_, sizeof date_, nullptr);
  }
  return date_;
}

}  // namespace xion
