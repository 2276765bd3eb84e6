#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace xion {

/// One POST to somebody else's server.
struct OutgoingPost {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Millis time_limit{15'000};    ///< For all of it: name, connection, TLS, answer.
  bool may_be_private = false;  ///< Else loopback, private and other addresses that no stranger could mean are refused,
                                ///< whatever name leads to them.
};
struct PostOutcome {
  int http_status = 0;  ///< 0: no answer; `error` says why.
  std::string error;
};

/// Never follows a redirect; reads at most a little of the answer. Loop thread only.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// `done` comes once, later, unless the client is destroyed first.
  virtual void post(OutgoingPost post, std::move_only_function<void(PostOutcome)> done) = 0;
};

}  // namespace xion
