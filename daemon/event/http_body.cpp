#include "event/http_body.h"

#include <memory>
#include <utility>

#include "base/assert.h"

namespace xion {

namespace {

/// From here on handing the string over is cheaper than copying it.
constexpr std::size_t worth_moving_octets = 8 * 1024;

}  // namespace

void put_body(evbuffer* output, std::string body) {
  if (body.size() < worth_moving_octets) {
    evbuffer_add(output, body.data(), body.size());
    return;
  }
  auto kept = std::make_unique<std::string>(std::move(body));
  const char* octets = kept->data();
  const std::size_t length = kept->size();
  evbuffer_add_reference(
      output, octets, length,
      [](const void*, std::size_t, void* owner) noexcept { delete static_cast<std::string*>(owner); }, kept.release());
}

LiveBody::LiveBody(HttpConnection& connection, evhttp_request* request) : connection_(&connection), request_(request) {
  connection.body = this;
}

LiveBody::~LiveBody() {
  if (connection_ == nullptr) return;
  connection_->body = nullptr;
  connection_->table.close(*connection_);
}

void LiveBody::write(std::string piece, std::move_only_function<void()> taken) {
  if (connection_ == nullptr) return;
  XION_ASSERT(!taken_ && !piece.empty());
  taken_ = std::move(taken);
  const std::unique_ptr<evbuffer, Releases<&evbuffer_free>> chunk(evbuffer_new());
  put_body(chunk.get(), std::move(piece));
  evhttp_send_reply_chunk_with_cb(
      request_, chunk.get(), [](evhttp_connection*, void* self) noexcept { static_cast<LiveBody*>(self)->was_taken(); },
      this);
}

/// Whatever follows may destroy this body.
void LiveBody::was_taken() {
  if (auto taken = std::exchange(taken_, nullptr)) taken();
}

void LiveBody::end() {
  if (connection_ == nullptr) return;
  std::exchange(connection_, nullptr)->body = nullptr;
  evhttp_send_reply_end(std::exchange(request_, nullptr));
}

/// What waits for the next chunk may own this body, and dies here. A request that evhttp has taken off a connection
/// that failed is ours; one that is still on it dies with it.
void LiveBody::client_has_gone() {
  connection_ = nullptr;
  evhttp_request* const request = std::exchange(request_, nullptr);
  if (request != nullptr && evhttp_request_get_connection(request) == nullptr) evhttp_request_free(request);
  const auto dropped = std::exchange(taken_, nullptr);
}

}  // namespace xion
