#pragma once
#include "event/http_connections.h"
#include "ports/http.h"

namespace xion {

/// The EVHTTP_REQ_ flag of a request's method. One that evhttp does not know has a flag outside its own enumeration,
/// which C++ must not even load.
unsigned method_flag(const evhttp_request& request);

/// One request of evhttp's. The request lives until it is answered, longer than its client if need be.
class LiveExchange final : public HttpExchange {
 public:
  LiveExchange(HttpConnection& connection, evhttp_request* request);
  ~LiveExchange() override;

  HttpMethod method() const override;
  std::string_view path() const override;
  std::string_view query() const override;
  std::optional<std::string_view> header(std::string_view name) const override;
  std::string_view body() const override { return body_; }
  std::string_view peer_address() const override;
  void reply(HttpAnswer answer) override;
  std::unique_ptr<HttpBody> reply_in_pieces(HttpAnswer head) override;

  void caller_is_known() override;

  void client_has_gone() { connection_ = nullptr; }
  void keep_request();

 private:
  /// The request to be answered; null where it was already, or nobody waits.
  evhttp_request* let_go();
  void put_headers(evhttp_request& request, const HttpAnswer& answer);

  HttpConnection* connection_;  ///< Null: nobody waits.
  evhttp_request* request_;     ///< Null: answered. What was viewed of it is gone too.
  std::string_view target_;
  std::string_view body_;
  bool is_local_;
};

}  // namespace xion
