#pragma once
#include <cstdint>
#include <expected>
#include <list>
#include <memory>
#include <string>

#include "carrier/esme_connection.h"
#include "carrier/event_handles.h"
#include "carrier/server_tls.h"
#include "carrier/simulated_carrier.h"
#include "carrier/socket_address.h"

namespace xion::carrier {

/// Opens a listening socket on a TCP or Unix address.
/// Errors: a sentence with the system's reason.
std::expected<Handle<evconnlistener>, std::string> listen_on(event_base* base, const SocketAddress& address,
                                                             evconnlistener_cb accepted, void* context);

/// The sockets of the simulator and its one timer.
class Server {
 public:
  Server(event_base* base, Carrier& carrier, SslContext tls);

  /// Errors: a sentence.
  std::expected<void, std::string> listen(const SocketAddress& address);
  /// With the port that was chosen.
  std::string address() const;

  Carrier& carrier() { return carrier_; }
  /// Called after anything that may have made work for later.
  void turn_ended();
  /// A connection wants to be destroyed.
  void connection_ended();

 private:
  static void on_accept(evconnlistener*, evutil_socket_t fd, sockaddr*, int, void* self) noexcept {
    static_cast<Server*>(self)->accept(fd);
  }
  static void on_tick(evutil_socket_t, short, void* self) noexcept { static_cast<Server*>(self)->tick(); }
  static void on_due(evutil_socket_t, short, void* self) noexcept { static_cast<Server*>(self)->run_due(); }
  static void on_reap(evutil_socket_t, short, void* self) noexcept { static_cast<Server*>(self)->reap(); }

  void accept(evutil_socket_t fd);
  void tick();
  void run_due();
  void reap();
  void limit_readers();

  event_base* base_;
  Carrier& carrier_;
  SslContext tls_;
  std::int64_t read_limit_ = 0;  ///< octets a second that `limit_` stands for
  Handle<ev_token_bucket_cfg> limit_;
  std::list<Connection> connections_;
  MonoTime due_at_{};  ///< when `due_` fires; zero: not at all
  Handle<evconnlistener> listener_;
  Handle<event> tick_;
  Handle<event> due_;
  Handle<event> reap_;
};

}  // namespace xion::carrier
