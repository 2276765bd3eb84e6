#include "event/control_server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "base/assert.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "event/dial.h"
#include "event/handles.h"
#include "event/listen.h"
#include "ports/open_file.h"

namespace xion {

namespace {

constexpr Millis accept_pause{250};

std::string error_line(std::string_view code, std::string_view detail) {
  JsonWriter json;
  json.begin_object().field("ok", false).field("code", code).field("detail", detail).field("hint", "").end_object();
  return std::move(json).str() + '\n';
}

/// The groups are those that the peer's process had when it connected, so that nobody need be asked who belongs to
/// which.
std::vector<std::uint32_t> groups_of(int fd) {
  std::vector<gid_t> groups(64);
  for (;;) {
    socklen_t octets = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    const bool is_known = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &octets) == 0;
    if (!is_known && (errno != ERANGE || octets <= groups.size() * sizeof(gid_t))) return {};
    groups.resize(octets / sizeof(gid_t));
    if (is_known) return {groups.begin(), groups.end()};
  }
}

ControlPeer peer_of(int fd) {
  // Nobody until the kernel says otherwise: 0 would be root.
  ucred credentials{.pid = 0, .uid = static_cast<uid_t>(-1), .gid = static_cast<gid_t>(-1)};
  socklen_t length = sizeof credentials;
  getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length);
  return {credentials.uid, credentials.gid, credentials.pid, groups_of(fd)};
}

/// A file that the peer sent along with the octets that wait, which stay where they are. Others than the first are
/// closed. Source: unix(7), SCM_RIGHTS; recv(2), MSG_PEEK.
std::shared_ptr<OpenFile> file_handed_over(int fd) {
  constexpr std::size_t files_at_most = 4;
  char octet = 0;
  iovec part{&octet, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(files_at_most * sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  if (recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0) return nullptr;
  std::shared_ptr<OpenFile> first;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = 0; at + sizeof(int) <= header->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(header) + at, sizeof descriptor);
      auto file = std::make_shared<OpenFile>(descriptor);
      if (!first) first = std::move(file);
    }
  }
  return first;
}

/// One client. Shared, so that an answer that comes late finds out whether it is still there.
class ControlClient : public std::enable_shared_from_this<ControlClient> {
 public:
  ControlClient(event_base* base, int fd, ControlPeer peer, const ControlHandler& handler,
                const ControlServerSettings& settings, std::function<void()> gone)
      : handler_(handler),
        settings_(settings),
        gone_(std::move(gone)),
        peer_(std::move(peer)),
        stream_(bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE)),
        first_octets_(event_new(base, fd, EV_READ, &ControlClient::first_readable, this)) {
    XION_ASSERT(stream_ != nullptr && first_octets_ != nullptr);
    bufferevent_setcb(stream_.get(), &ControlClient::readable, &ControlClient::written, &ControlClient::failed, this);
    bufferevent_setwatermark(stream_.get(), EV_READ, 0, settings.line_limit_octets + 1);
    const timeval limit = as_timeval(settings.idle_timeout);
    bufferevent_set_timeouts(stream_.get(), &limit, &limit);
    bufferevent_enable(stream_.get(), EV_WRITE);
    // The stream reads octets alone: whether a file comes with them is looked at before it does.
    event_add(first_octets_.get(), &limit);
  }

  void turn_away(std::string_view code, std::string_view detail) {
    is_leaving_ = true;
    write(error_line(code, detail));
  }
  std::uint32_t uid() const { return peer_.uid; }
  /// No command of its runs.
  bool is_idle() const { return !is_busy_; }
  bool is_leaving() const { return is_leaving_; }

 private:
  static void first_readable(int fd, short what, void* self) noexcept {
    static_cast<ControlClient*>(self)->shared_from_this()->on_first_readable(fd, (what & EV_TIMEOUT) != 0);
  }
  // Each call keeps its own share, because `gone_` gives up the server's.
  static void readable(bufferevent*, void* self) noexcept {
    static_cast<ControlClient*>(self)->shared_from_this()->next_line();
  }
  static void written(bufferevent*, void* self) noexcept {
    static_cast<ControlClient*>(self)->shared_from_this()->on_written();
  }
  static void failed(bufferevent*, short, void* self) noexcept {
    static_cast<ControlClient*>(self)->shared_from_this()->gone_();
  }

  void on_first_readable(int fd, bool is_late) {
    if (is_late) return gone_();
    handed_ = file_handed_over(fd);
    bufferevent_enable(stream_.get(), EV_READ);
  }

  void next_line() {
    evbuffer* input = bufferevent_get_input(stream_.get());
    if (is_leaving_ || is_streaming_) {
      evbuffer_drain(input, evbuffer_get_length(input));
      return;
    }
    while (!is_busy_ && !is_leaving_) {
      const evbuffer_ptr end = evbuffer_search_eol(input, nullptr, nullptr, EVBUFFER_EOL_LF);
      const std::size_t length = end.pos < 0 ? evbuffer_get_length(input) : static_cast<std::size_t>(end.pos) + 1;
      if (length > settings_.line_limit_octets) {
        return turn_away("usage", fmt::format("The line is longer than {} octets.", settings_.line_limit_octets));
      }
      if (end.pos < 0) return;
      handle(std::string(reinterpret_cast<const char*>(evbuffer_pullup(input, end.pos + 1)), length - 1), length);
    }
  }

  void handle(std::string line, std::size_t octets) {
    evbuffer_drain(bufferevent_get_input(stream_.get()), octets);
    if (line.ends_with('\r')) line.pop_back();
    is_busy_ = true;
    bufferevent_disable(stream_.get(), EV_READ);  // The handler may take its time; the client's runs again behind it.
    ControlPeer peer = peer_;
    peer.handed = std::move(handed_);
    handler_(peer, line,
             ControlReply(
                 [client = weak_from_this()](std::string answer) {
                   if (const auto self = client.lock()) self->reply(std::move(answer));
                 },
                 [client = weak_from_this()](std::string streamed) {
                   const auto self = client.lock();
                   return self ? self->stream(std::move(streamed)) : ControlSent::gone;
                 }));
  }

  /// One line of a stream. What the client has to say from here on is only that it goes.
  ControlSent stream(std::string line) {
    if (!is_busy_ || is_leaving_) return ControlSent::gone;
    if (line.empty()) return ControlSent::taken;
    if (!is_streaming_) {
      is_streaming_ = true;
      const timeval limit = as_timeval(settings_.idle_timeout);
      bufferevent_set_timeouts(stream_.get(), nullptr, &limit);
      bufferevent_enable(stream_.get(), EV_READ);
    }
    if (evbuffer_get_length(bufferevent_get_output(stream_.get())) + line.size() > settings_.stream_limit_octets) {
      return ControlSent::missed;
    }
    if (!line.ends_with('\n')) line.push_back('\n');
    write(line);
    return ControlSent::taken;
  }

  void reply(std::string answer) {
    if (!is_busy_) return;
    if (!answer.ends_with('\n')) answer.push_back('\n');
    write(answer);
    is_busy_ = false;
    if (std::exchange(is_streaming_, false)) {
      const timeval limit = as_timeval(settings_.idle_timeout);
      bufferevent_set_timeouts(stream_.get(), &limit, &limit);
    }
    bufferevent_enable(stream_.get(), EV_READ);
    // What came meanwhile is in the buffer and brings no event of its own. Deferred, so that answers given at once
    // don't nest.
    if (evbuffer_get_length(bufferevent_get_input(stream_.get())) > 0) {
      bufferevent_trigger(stream_.get(), EV_READ, BEV_TRIG_DEFER_CALLBACKS);
    }
  }

  void write(std::string_view octets) { bufferevent_write(stream_.get(), octets.data(), octets.size()); }

  void on_written() {
    if (is_leaving_) shutdown(bufferevent_getfd(stream_.get()), SHUT_WR);
  }

  const ControlHandler& handler_;
  const ControlServerSettings& settings_;
  std::function<void()> gone_;
  const ControlPeer peer_;
  bool is_busy_ = false;
  bool is_leaving_ = false;
  bool is_streaming_ = false;
  std::shared_ptr<OpenFile> handed_;
  StreamHandle stream_;
  EventHandle first_octets_;
};

}  // namespace

class ControlServer::Parts {
 public:
  Parts(EventLoop& loop_, ControlHandler handler_, ControlServerSettings settings_,
        std::function<bool(const ControlPeer&)> comes_first_)
      : loop(loop_),
        handler(std::move(handler_)),
        comes_first(std::move(comes_first_)),
        settings(settings_),
        resume(loop.timer([this] {
          if (listener) evconnlistener_enable(listener.get());
        })) {}
  ~Parts() {
    if (listener) unlink(path.c_str());
  }

  static void accepted(evconnlistener*, int fd, sockaddr*, int, void* self) noexcept {
    static_cast<Parts*>(self)->on_accepted(fd);
  }
  static void failed(evconnlistener* listener, void* self) noexcept {
    log::warning("control.accept.paused", "reason=\"{}\"", plain_reason(errno));
    evconnlistener_disable(listener);
    static_cast<Parts*>(self)->resume->start(accept_pause);
  }
  void on_accepted(int fd) {
    ControlPeer peer = peer_of(fd);
    const bool is_first = comes_first && comes_first(peer);
    if (is_first) make_room_for(peer.uid);
    if (clients.size() >= 2 * settings.max_clients) {  // Those who are told that there is no room are many, too.
      OpenFile(fd).close();
      return;
    }
    const std::string why = is_first ? why_full() : why_refused(peer.uid);
    const std::uint64_t number = ++accepted_count;
    auto client = std::make_shared<ControlClient>(loop.base(), fd, std::move(peer), handler, settings,
                                                  [this, number] { clients.erase(number); });
    if (!why.empty()) client->turn_away("refused", why);
    clients.emplace(number, Seat{std::move(client), is_first});
  }
  /// Empty: there is room.
  std::string why_full() const {
    const auto staying =
        std::ranges::count_if(clients, [](const auto& one) { return !one.second.client->is_leaving(); });
    if (static_cast<std::size_t>(staying) < settings.max_clients) return {};
    return fmt::format("There are {} clients already.", settings.max_clients);
  }
  std::string why_refused(std::uint32_t uid) const {
    const auto of_user = std::ranges::count_if(clients, [uid](const auto& one) {
      return one.second.client->uid() == uid && !one.second.client->is_leaving();
    });
    if (static_cast<std::size_t>(of_user) < settings.clients_of_a_user) return why_full();
    return fmt::format("Your user has {} clients already.", settings.clients_of_a_user);
  }
  /// For who comes first: of those who only hear that there is no room one goes where they are many; where all places
  /// are taken an idle one, of somebody who does not come first or else of another user.
  void make_room_for(std::uint32_t uid) {
    const auto is_idle = [](const Seat& seat) { return seat.client->is_idle() && !seat.client->is_leaving(); };
    if (clients.size() >= 2 * settings.max_clients) drop([](const Seat& seat) { return seat.client->is_leaving(); });
    if (why_full().empty() || drop([&](const Seat& seat) { return is_idle(seat) && !seat.is_first; })) return;
    drop([&](const Seat& seat) { return is_idle(seat) && seat.client->uid() != uid; });
  }
  /// Ends the client of that kind that has been there for longest; false: there is none.
  template <typename Kind>
  bool drop(Kind is_of_kind) {
    const auto found = std::ranges::find_if(clients, [&](const auto& one) { return is_of_kind(one.second); });
    if (found == clients.end()) return false;
    clients.erase(found);
    return true;
  }

  struct Seat {
    std::shared_ptr<ControlClient> client;
    bool is_first = false;
  };
  EventLoop& loop;
  const ControlHandler handler;
  const std::function<bool(const ControlPeer&)> comes_first;
  const ControlServerSettings settings;
  std::map<std::uint64_t, Seat> clients;  ///< In the order of their coming.
  std::uint64_t accepted_count = 0;
  std::string path;
  std::unique_ptr<Timer> resume;
  ListenerHandle listener;
};

ControlServer::ControlServer(EventLoop& loop, ControlHandler handler, ControlServerSettings settings,
                             std::function<bool(const ControlPeer&)> comes_first)
    : parts_(std::make_unique<Parts>(loop, std::move(handler), settings, std::move(comes_first))) {}
ControlServer::~ControlServer() = default;

std::expected<void, std::string> ControlServer::listen(const std::string& path, const std::string& group,
                                                       const std::string& view_group) {
  auto fd = listen_unix({.path = path, .mode = 0660, .group = group, .further_group = view_group});
  if (!fd) return std::unexpected(fd.error());
  parts_->path = path;
  parts_->listener.reset(evconnlistener_new(parts_->loop.base(), &Parts::accepted, parts_.get(),
                                            LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd->release()));
  XION_ASSERT(parts_->listener != nullptr);
  evconnlistener_set_error_cb(parts_->listener.get(), &Parts::failed);
  return {};
}

std::size_t ControlServer::clients() const { return parts_->clients.size(); }

}  // namespace xion
