#include "event/http_server.h"

#include <event2/http.h>
#include <event2/http_struct.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/assert.h"
#include "base/log.h"
#include "event/dial.h"
#include "event/http_connections.h"
#include "event/http_exchange.h"
#include "event/listen.h"

namespace xion {

namespace {

/// Deadlines are this much late at most; and so long accepting pauses when file descriptors run out.
constexpr Millis sweep_period{250};

/// 16 bits, one a method; the topmost is "unknown". CONNECT has no path, so evhttp refuses it itself.
constexpr ev_uint16_t methods_allowed = 0xFFFF & ~EVHTTP_REQ_CONNECT;

}  // namespace

class HttpServer::Parts {
 public:
  Parts(EventLoop& loop, HttpServerSettings settings, HttpHandler handler);
  ~Parts();

  std::expected<void, std::string> accept_from(OpenFile fd, std::string unix_path);
  void open_doors();
  void stop_accepting();
  void sweep();

  EventLoop& loop;
  const HttpServerSettings settings;
  const HttpHandler handler;
  HttpConnections connections;
  std::unique_ptr<evhttp, Releases<&evhttp_free>> http;
  std::move_only_function<void()> stopped;
  struct Door {
    evhttp_bound_socket* socket;
    std::string unix_path;  ///< Of a socket file that we made.
  };
  std::vector<Door> doors;
  std::unique_ptr<Timer> sweep_timer;
  bool is_open;

 private:
  void on_request(evhttp_request& request);
  /// accept() failed, for want of file descriptors most likely: the listener would stay readable and spin. The next
  /// sweep opens it again.
  static void pause(evconnlistener* listener, void*) noexcept {
    log::warning("http.accept.paused", "reason=\"{}\"", plain_reason(errno));
    evconnlistener_disable(listener);
  }
};

HttpServer::Parts::Parts(EventLoop& loop_, HttpServerSettings settings_, HttpHandler handler_)
    : loop(loop_),
      settings(settings_),
      handler(std::move(handler_)),
      connections(loop, settings),
      http(evhttp_new(loop.base())),
      sweep_timer(loop.timer([this] { sweep(); })),
      is_open(!settings.waits_to_open) {
  XION_ASSERT(http != nullptr);
  evhttp_set_max_headers_size(http.get(), static_cast<ev_ssize_t>(settings.header_limit_octets));
  evhttp_set_max_body_size(http.get(), static_cast<ev_ssize_t>(settings.body_limit_octets));
  evhttp_set_allowed_methods(http.get(), methods_allowed);
  evhttp_set_default_content_type(http.get(), nullptr);
  evhttp_set_bevcb(
      http.get(), [](event_base*, void* table) noexcept { return static_cast<HttpConnections*>(table)->expect(); },
      &connections);
  evhttp_set_gencb(
      http.get(), [](evhttp_request* request, void* self) noexcept { static_cast<Parts*>(self)->on_request(*request); },
      this);
  sweep_timer->start(sweep_period);
}

HttpServer::Parts::~Parts() {
  stop_accepting();
  connections.let_go();
}

void HttpServer::Parts::on_request(evhttp_request& request) {
  HttpConnection& connection = connections.of(request.evcon);
  if (!connections.agrees(connection)) {  // evhttp has read another request than we have: neither is to be trusted.
    return connections.refuse(connection, instead_of_page(400), connection.scan.is_head());
  }
  // A target that names its host is no request to a proxy, which would end the connection behind the answer.
  request.flags &= ~EVHTTP_PROXY_REQUEST;
  if (request.minor > 1) request.minor = 1;  // We answer in the version that we speak.
  auto exchange = std::make_unique<LiveExchange>(connection, &request);
  connection.exchange = exchange.get();
  connections.wait_for_answer(connection);
  handler(std::move(exchange));
}

std::expected<void, std::string> HttpServer::Parts::accept_from(OpenFile fd, std::string unix_path) {
  const int number = fd.get();
  evconnlistener* listener = evconnlistener_new(
      loop.base(), nullptr, nullptr, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_DISABLED, 0, number);
  if (listener == nullptr) return std::unexpected(local_address(number) + ": can't be listened on");
  fd.release();
  evconnlistener_set_error_cb(listener, &Parts::pause);
  doors.push_back({evhttp_bind_listener(http.get(), listener), std::move(unix_path)});
  // evhttp sets the listener's callback, which opens it.
  open_doors();
  return {};
}

void HttpServer::Parts::open_doors() {
  for (const Door& door : doors) {
    evconnlistener* listener = evhttp_bound_socket_get_listener(door.socket);
    is_open ? evconnlistener_enable(listener) : evconnlistener_disable(listener);
  }
}

void HttpServer::Parts::stop_accepting() {
  for (const Door& door : doors) {
    evhttp_del_accept_socket(http.get(), door.socket);
    if (!door.unix_path.empty()) unlink(door.unix_path.c_str());
  }
  doors.clear();
}

void HttpServer::Parts::sweep() {
  connections.sweep();
  open_doors();
  sweep_timer->start(sweep_period);
}

HttpServer::HttpServer(EventLoop& loop, HttpServerSettings settings, HttpHandler handler)
    : parts_(std::make_unique<Parts>(loop, settings, std::move(handler))) {}
HttpServer::~HttpServer() = default;

std::expected<void, std::string> HttpServer::use_tls(const TlsServerFiles& files) {
  auto context = tls_server_context(files);
  if (!context) return std::unexpected(context.error());
  parts_->connections.tls = std::move(*context);
  return {};
}

std::expected<void, std::string> HttpServer::listen(std::string_view text) {
  const auto address = parse_address(text);
  if (!address) return std::unexpected(address.error());
  if (const auto* file = std::get_if<UnixAddress>(&*address)) {
    // As open as a port on loopback; the folder and the API keys decide who gets in.
    auto fd = listen_unix({.path = file->path, .mode = 0666, .group = {}});
    if (!fd) return std::unexpected(fd.error());
    return parts_->accept_from(std::move(*fd), file->path);
  }
  auto sockets = listen_tcp(std::get<TcpAddress>(*address));
  if (!sockets) return std::unexpected(sockets.error());
  for (OpenFile& fd : *sockets) {
    if (auto accepted = parts_->accept_from(std::move(fd), {}); !accepted) return accepted;
  }
  return {};
}

std::expected<void, std::string> HttpServer::adopt(int listening_fd) {
  struct stat what{};
  if (fstat(listening_fd, &what) != 0 || !S_ISSOCK(what.st_mode)) {
    return std::unexpected("file descriptor " + std::to_string(listening_fd) + ": not a socket");
  }
  tune_listener(listening_fd);
  return parts_->accept_from(OpenFile(listening_fd), {});
}

void HttpServer::open() {
  parts_->is_open = true;
  parts_->open_doors();
}

std::vector<std::string> HttpServer::addresses() const {
  std::vector<std::string> texts;
  for (const auto& door : parts_->doors) texts.push_back(local_address(evhttp_bound_socket_get_fd(door.socket)));
  return texts;
}

std::size_t HttpServer::connections() const { return parts_->connections.size(); }

void HttpServer::stop(std::move_only_function<void()> stopped) {
  parts_->stop_accepting();
  parts_->stopped = std::move(stopped);
  // Posted, because the last connection ends inside a callback of evhttp's, and the server may be destroyed next.
  parts_->connections.drain([this] {
    parts_->loop.post([done = std::exchange(parts_->stopped, nullptr)]() mutable {
      if (done) done();
    });
  });
}

}  // namespace xion
