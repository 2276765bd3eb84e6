#pragma once
#include <cstdlib>
#include <memory>
#include <string>

#include "event/http_server.h"
#include "unit/event/loop_thread.h"
#include "unit/event/raw_client.h"

/// An HTTP server on an ephemeral port of loopback, and the thread it runs on.
struct Site {
  explicit Site(xion::HttpHandler handler, xion::HttpServerSettings settings = {}) {
    loop.call([&] {
      server = std::make_unique<xion::HttpServer>(loop.loop(), settings, std::move(handler));
      if (auto listening = server->listen("127.0.0.1:0"); !listening) error = listening.error();
      const std::string address = server->addresses().empty() ? ":0" : server->addresses()[0];
      port = static_cast<std::uint16_t>(std::atoi(address.c_str() + address.rfind(':') + 1));
    });
  }
  ~Site() {
    loop.call([&] { server.reset(); });
  }
  std::size_t connections() {
    return loop.call([&] { return server->connections(); });
  }

  LoopThread loop;
  std::unique_ptr<xion::HttpServer> server;
  std::string error;
  std::uint16_t port = 0;
};

inline xion::HttpAnswer text_answer(std::string body) {
  return {.status = 200, .content_type = "text/plain", .headers = {}, .body = std::move(body)};
}
/// Says what it was asked: "method path?query body".
inline void echo(std::unique_ptr<xion::HttpExchange> exchange) {
  static constexpr const char* names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"};
  std::string text = names[static_cast<std::size_t>(exchange->method())];
  text.append(" ").append(exchange->path()).append("?").append(exchange->query()).append(" ").append(exchange->body());
  exchange->reply(text_answer(text));
}
