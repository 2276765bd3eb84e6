#pragma once
#include <string>
#include <string_view>

#include "carrier/account.h"
#include "carrier/event_handles.h"

namespace xion::carrier {

class Server;

/// One ESME's socket. When it ends it tells the server, which destroys it later, outside of its callbacks.
class Connection : public Wire {
 public:
  Connection(Server& server, bufferevent* stream);

  void write(std::string_view octets) override;
  void finish() override;
  void reset() override;

  /// Reads at most what `limit` allows; null: as fast as it comes.
  void limit_reading(ev_token_bucket_cfg* limit);
  bool has_ended() const { return has_ended_; }
  Peer& peer() { return peer_; }

 private:
  static void on_read(bufferevent*, void* self) noexcept { static_cast<Connection*>(self)->read(); }
  static void on_written(bufferevent*, void* self) noexcept { static_cast<Connection*>(self)->written(); }
  static void on_event(bufferevent*, short what, void* self) noexcept {
    static_cast<Connection*>(self)->happened(what);
  }
  static void on_drop(evutil_socket_t, short, void* self) noexcept {
    static_cast<Connection*>(self)->write_one_octet();
  }

  void read();
  void written();
  void happened(short what);
  void write_one_octet();
  void wait_for_next_octet();
  void end();

  Server& server_;
  Peer& peer_;
  std::string trickle_;  ///< split-writes: what is still to be written
  std::size_t trickled_ = 0;
  bool is_finishing_ = false;
  bool has_ended_ = false;
  Handle<bufferevent> stream_;
  Handle<event> drop_;  ///< writes the next octet of `trickle_`
};

}  // namespace xion::carrier
