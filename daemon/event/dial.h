#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "event/address.h"
#include "event/event_loop.h"
#include "event/handles.h"
#include "event/resolve.h"
#include "ports/open_file.h"

namespace xion {

/// Longest wait for a name, and for each address to answer. Connecting takes one round trip; SYNs are repeated after
/// 1, 3 and 7 s.
inline constexpr Millis connect_timeout{10'000};

/// Connects a TCP socket: looks the name up, then tries every address in turn. `done` comes once, never from inside the
/// constructor, and must not destroy the dial. The error is a plain reason of the last address, "connection refused".
class Dial {
 public:
  using Done = std::move_only_function<void(std::expected<OpenFile, std::string>)>;
  /// `local_address`: which of ours it comes from; empty: the system chooses.
  Dial(EventLoop& loop, std::string address, std::string local_address, Done done);

 private:
  static void stepped(evutil_socket_t, short what, void* self) noexcept;
  void begin();
  void resolved(Resolved found);
  void try_next();
  void connected();
  bool attempt(const SocketAddress& address);
  bool bind_to_local(int family);
  void wait(int fd, short what, Millis limit);
  void finish(std::expected<OpenFile, std::string> outcome);

  EventLoop& loop_;
  std::string text_;
  std::string local_address_;
  Done done_;
  enum class Step { begin, resolve, connect, over } step_ = Step::begin;
  std::vector<SocketAddress> candidates_;
  std::size_t next_ = 0;
  OpenFile fd_;
  std::string trouble_;
  std::shared_ptr<Dial*> alive_;  ///< What a look-up finds its way back by.
  EventHandle event_;
};

}  // namespace xion
