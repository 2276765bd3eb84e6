#pragma once
#include <memory>

#include "event/event_loop.h"
#include "ports/http_client.h"

namespace xion {

/// libcurl's multi interface on the loop: names resolved on its own threads, certificates verified, no proxy, no
/// redirect; connections kept, HTTP/2 where it is offered.
class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(EventLoop& loop);
  ~CurlClient() override;
  void post(OutgoingPost post, std::move_only_function<void(PostOutcome)> done) override;

 private:
  struct Pool;
  std::unique_ptr<Pool> public_, private_;
};

}  // namespace xion
