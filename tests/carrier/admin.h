#pragma once
#include <expected>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "carrier/event_handles.h"
#include "carrier/server.h"
#include "carrier/socket_address.h"

namespace xion::carrier {

/// The socket through which a running simulator is asked and told: one line in, lines of JSON out, then it closes.
/// What can't be done is answered `{"error":"…"}`.
class Admin {
 public:
  Admin(event_base* base, Server& server) : base_(base), server_(server) {}
  /// Errors: a sentence.
  std::expected<void, std::string> listen(const SocketAddress& address);
  std::string address() const;
  /// Answers those who wait for a message. To be called when one may have come.
  void look_at_inbox();

 private:
  struct Question {
    std::string number;       ///< plain
    std::uint64_t after = 0;  ///< ids up to this one are known already
    Millis wait{0};
  };
  struct Client {
    Admin& admin;
    Handle<bufferevent> stream;
    std::optional<Question> question;  ///< while it waits
    MonoTime deadline{};
    bool is_answered = false;  ///< its answer is in the output
    bool is_done = false;      ///< and written
  };

  static void on_accept(evconnlistener*, evutil_socket_t fd, sockaddr*, int, void* self) noexcept {
    static_cast<Admin*>(self)->accept(fd);
  }
  static void on_read(bufferevent*, void* client) noexcept;
  static void on_written(bufferevent*, void* client) noexcept;
  static void on_event(bufferevent*, short what, void* client) noexcept;
  static void on_tick(evutil_socket_t, short, void* self) noexcept { static_cast<Admin*>(self)->look_at_inbox(); }

  void accept(evutil_socket_t fd);
  void read(Client& client);
  void reply(Client& client, std::string_view lines);
  std::string answer(Client& client, std::string_view line);
  std::string answer_inbox(Client& client, std::string_view arguments);
  std::string answer_fault(std::string_view arguments);
  std::string answer_drop(std::string_view how);
  std::string answer_script(std::string_view rule);
  std::string answer_say(std::string_view arguments);
  /// Empty while nothing whole and new is there.
  std::string shown(const Question& question, bool must_be_whole) const;

  event_base* base_;
  Server& server_;
  std::list<Client> clients_;
  std::uint64_t looked_at_ = 0;  ///< the inbox's last id when it was looked at
  Handle<evconnlistener> listener_;
  Handle<event> tick_;
};

}  // namespace xion::carrier
