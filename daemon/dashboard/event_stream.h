#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "ports/http.h"

namespace xion::dashboard {

/// Server-sent events to one page. They wait here while the page is slow to take them. Let go, it tells what waits and
/// ends the answer.
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  explicit EventStream(std::unique_ptr<HttpBody> body) : body_(std::move(body)) {}
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  /// False: the page has gone or is too slow, and nothing more will reach it.
  bool send(std::string_view event);

 private:
  void write();

  std::unique_ptr<HttpBody> body_;
  std::string waiting_;
  bool is_writing_ = false;
};

}  // namespace xion::dashboard
