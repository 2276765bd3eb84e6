#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace xion {

/// One call of somebody else's server.
struct OutgoingPost {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Millis time_limit{15'000};    ///< For all of it: name, connection, TLS, answer.
  bool may_be_private = false;  ///< Else loopback, private and other addresses that no stranger could mean are refused,
                                ///< whatever name leads to them.
  bool is_get = false;          ///< A GET instead, without a body.
  std::size_t answer_octets_max = 0;  ///< Of the answer's body that is wanted; a longer one is an error. 0: none of it.
  std::string ca{};                   ///< File of the CAs that are trusted; empty: the system's.
};
struct PostOutcome {
  int http_status = 0;  ///< 0: no answer; `error` says why.
  std::string error;
  std::string body{};  ///< Where it was wanted; whole.
};

/// Never follows a redirect; reads at most a little of the answer. Loop thread only.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// `done` comes once, later, unless the client is destroyed first.
  virtual void post(OutgoingPost post, std::move_only_function<void(PostOutcome)> done) = 0;
};

}  // namespace xion
