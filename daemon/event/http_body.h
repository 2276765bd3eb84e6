#pragma once
#include <event2/buffer.h>

#include <string>

#include "event/http_connections.h"
#include "ports/http.h"

namespace xion {

/// Adds a string to a buffer; a long one is handed over and not copied.
void put_body(evbuffer* output, std::string body);

/// The chunks of one answer. While one of them waits to be taken by the client no other is made, so a slow client costs
/// one chunk's memory; while none waits, the connection has no time limit.
class LiveBody final : public HttpBody {
 public:
  LiveBody() = default;  ///< Of a client that has gone.
  LiveBody(HttpConnection& connection, evhttp_request* request);
  ~LiveBody() override;
  void write(std::string piece, std::move_only_function<void()> taken) override;
  void end() override;
  bool is_gone() const override { return connection_ == nullptr; }

  void client_has_gone();

 private:
  void was_taken();

  HttpConnection* connection_ = nullptr;  ///< Null: nobody waits.
  evhttp_request* request_ = nullptr;     ///< evhttp's.
  std::move_only_function<void()> taken_;
};

}  // namespace xion
