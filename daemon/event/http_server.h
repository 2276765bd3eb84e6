#pragma once
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ports/http.h"

namespace xion {

class EventLoop;

struct HttpServerSettings {
  std::size_t header_limit_octets = 16 * 1024;  ///< Request line and headers.
  std::size_t body_limit_octets = 64 * 1024;
  std::size_t max_connections = 10'000;  ///< Above it: 503 `overloaded`.
  /// Of requests that have begun to arrive, all together: above it those that make it more get 503 `overloaded`.
  std::size_t unfinished_limit_octets = 64 * 1024 * 1024;
  Millis request_timeout{10'000};  ///< From a request's first octet to its last, and for a TLS handshake.
  Millis idle_timeout{75'000};     ///< Between requests.
  Millis drain_grace{200};         ///< In which a request may still come when the server stops.
  bool waits_to_open = false;      ///< Connections wait in the kernel's queue until `open`.
  Millis write_timeout{30'000};    ///< For a client that takes no octet of its answer.
  Millis linger{5'000};            ///< For a refused client to stop sending, so that it reads why.
};

/// PEM files of a TLS server: the chain, and its key.
struct TlsServerFiles {
  std::string certificate, key;
};

/// The HTTP server over evhttp, and every guard that evhttp lacks. What is malformed as HTTP, too large, too slow or
/// too much is answered here, always as application/problem+json, and never reaches the handler. Everything runs on the
/// loop thread. Answers may outlive the server: they are dropped.
class HttpServer {
 public:
  HttpServer(EventLoop& loop, HttpServerSettings settings, HttpHandler handler);
  ~HttpServer();

  /// New connections speak TLS by these files; those that are open keep theirs. Also how renewed files are taken up.
  /// Where it fails, what was in use stays.
  std::expected<void, std::string> use_tls(const TlsServerFiles& files);
  /// "127.0.0.1:8080", "[::1]:8080", "unix:/run/xionid/api.sock". May be called several times.
  /// The errors are one sentence: "127.0.0.1:8080: address already in use (another xiond?)".
  std::expected<void, std::string> listen(std::string_view address);
  /// Takes over a socket that listens already, such as one from systemd.
  std::expected<void, std::string> adopt(int listening_fd);
  /// Accepts from now on.
  void open();
  /// What it listens on, with the ports that the system chose.
  std::vector<std::string> addresses() const;
  std::size_t connections() const;
  /// Stops accepting, lets requests that have begun be answered, closes the rest; `stopped` comes when none is left.
  void stop(std::move_only_function<void()> stopped);

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace xion
