#pragma once
#include <event2/buffer.h>
#include <event2/http.h>

#include <array>
#include <ctime>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/event_loop.h"
#include "event/handles.h"
#include "event/http_refusal.h"
#include "event/http_scan.h"
#include "event/http_server.h"
#include "event/tls.h"

namespace xion {

class HttpConnections;
class LiveBody;
class LiveExchange;

/// What a connection waits for, and so which time limit holds.
enum class HttpPhase : std::uint8_t {
  handshake,  ///< TLS is not up.
  idle,       ///< Nothing of a request has come.
  reading,    ///< Some of it has.
  answering,  ///< The handler has it; no limit here.
  writing,    ///< The answer is on its way.
  closing,    ///< Refused; taken away from evhttp. What still comes is thrown away.
  count_
};

struct HttpConnection {
  HttpConnections& table;
  bufferevent* stream;                 ///< Owned by `evcon`.
  evhttp_connection* evcon = nullptr;  ///< Null until `attend` has met it.
  HttpPhase phase = HttpPhase::idle;
  MonoTime since{};
  LiveExchange* exchange = nullptr;  ///< The request that waits for its answer.
  LiveBody* body = nullptr;          ///< What follows of an answer that is made piece by piece.
  HttpScan scan;                     ///< Of the request that comes, or is being answered.
  std::size_t unread = 0;            ///< Octets at the end of the input that `scan` has not seen.
  std::size_t held = 0;              ///< Octets of a request that is not whole.
  std::uint64_t place = 0;           ///< Where it comes from, see `place_of`; 0: a Unix socket, or a caller we know.
  bool writes_answer = false;        ///< What goes into the output is ours; else it is a page of evhttp's own.
  bool is_suspect = false;
  bool is_too_much = false;                     ///< With it more is unfinished than may be.
  bool is_local = false;                        ///< By a Unix socket.
  bufferevent_event_cb evhttp_event = nullptr;  ///< What evhttp had set before the handler got the request.
  std::list<HttpConnection>::iterator self{};
};

/// The connections of one server: who they are, what they wait for and how long they may. evhttp owns the sockets and
/// parses; this watches its buffers, and lets it see of a request only what `HttpScan` has let through. A list for each
/// phase, oldest first, so that a sweep touches only what is overdue.
class HttpConnections {
 public:
  HttpConnections(EventLoop& loop, const HttpServerSettings& settings);
  ~HttpConnections();

  /// For evhttp_set_bevcb: the stream of a connection that evhttp is about to accept.
  bufferevent* expect();
  HttpConnection& of(evhttp_connection* evcon) { return *known_.at(evcon); }
  std::size_t size() const { return known_.size() + newcomers_.size(); }
  void move(HttpConnection& connection, HttpPhase phase);
  /// Whether a request that evhttp has taken ended for it where it ended for `scan`.
  static bool agrees(const HttpConnection& connection);
  /// The handler has the request: what the client sends meanwhile is kept for later.
  void wait_for_answer(HttpConnection& connection);
  /// Takes the connection away from evhttp, says why, and closes it once the client has stopped sending.
  void refuse(HttpConnection& connection, const HttpRefusal& refusal, bool without_body = false);
  /// Gives evhttp the answer of a request, headers and body filled in, and writes as much as the socket takes.
  /// The connection may be gone afterwards.
  void answer(HttpConnection& connection, evhttp_request* request, int status);
  /// The same where the body follows in chunks.
  void begin_answer(HttpConnection& connection, evhttp_request* request, int status);
  /// Closes a connection, whatever it is at.
  void close(HttpConnection& connection);
  /// Somebody with a good key or session is at its other end.
  void know(HttpConnection& connection);
  ConnectionQuota quota() const;
  /// Closes what is overdue.
  void sweep();
  /// From now on connections close behind their answers; `emptied` comes when none is left.
  void drain(std::function<void()> emptied);
  bool is_draining() const { return emptied_ != nullptr; }
  /// For when evhttp is about to be freed: exchanges keep their requests, and know that nobody waits.
  void let_go();
  const char* date_header();

  TlsContext tls;  ///< For new connections; null: none.

 private:
  std::list<HttpConnection>& in(HttpPhase phase) { return phases_[static_cast<std::size_t>(phase)]; }
  void attend();
  void meet(HttpConnection& connection);
  bool has_room_for(HttpConnection& connection);
  void turn_away(HttpConnection& connection, std::string_view why);
  void hold(HttpConnection& connection, std::size_t octets);
  void inspect(HttpConnection& connection);
  void expect_answer(HttpConnection& connection, evhttp_request* request);
  void read(HttpConnection& connection);
  void suspect(HttpConnection& connection);
  void forget(HttpConnection& connection);
  void close_idle();
  void overdue(HttpConnection& connection);
  void finished(HttpConnection& connection);
  void on_input(HttpConnection& connection, const evbuffer_cb_info& change);
  void on_output(HttpConnection& connection, const evbuffer_cb_info& change);
  static void watch_input(evbuffer*, const evbuffer_cb_info* change, void* self) noexcept;
  static void watch_output(evbuffer*, const evbuffer_cb_info* change, void* self) noexcept;
  static void happened_meanwhile(bufferevent*, short what, void* self) noexcept;
  static void refusal_happened(bufferevent*, short what, void* self) noexcept;

  EventLoop& loop_;
  const HttpServerSettings& settings_;
  const HttpScanLimits scan_limits_;
  std::array<std::list<HttpConnection>, static_cast<std::size_t>(HttpPhase::count_)> phases_;
  std::list<HttpConnection> newcomers_;
  std::unordered_map<evhttp_connection*, HttpConnection*> known_;
  std::unordered_map<std::uint64_t, std::size_t> strangers_;  ///< Connections of callers we don't know, by place.
  std::size_t unfinished_octets_ = 0;                         ///< Of all connections.
  std::vector<HttpConnection*> suspects_;
  std::function<void()> emptied_;
  std::unique_ptr<Timer> drain_timer_;
  MonoTime warned_at_{};
  std::time_t dated_at_ = 0;
  char date_[32] = "";
  EventHandle attend_;  ///< Runs `attend` behind the callbacks of this turn, before any socket is written.
};

}  // namespace xion
