#pragma once
#include <memory>
#include <string>

#include "event/dial.h"
#include "ports/loop.h"

namespace xion {

/// A TCP or TLS client connection over a bufferevent, which joins what is written within one turn of the loop.
class TcpStream final : public Stream {
 public:
  TcpStream(EventLoop& loop, const Endpoint& endpoint, StreamEvents& events);
  ~TcpStream() override;

  void write(std::string_view octets) override;
  void close_when_written() override;
  std::size_t unwritten_octets() const override;

 private:
  enum class State { dialing, handshaking, open, closing, closed };

  static void readable(bufferevent*, void* self) noexcept { static_cast<TcpStream*>(self)->on_readable(); }
  static void written(bufferevent*, void* self) noexcept { static_cast<TcpStream*>(self)->on_written(); }
  static void happened(bufferevent*, short what, void* self) noexcept { static_cast<TcpStream*>(self)->on_event(what); }
  void on_dialed(std::expected<OpenFile, std::string> outcome);
  void on_readable();
  void on_written();
  void on_event(short what);
  void on_time_up();
  std::expected<void, std::string> adopt(OpenFile fd);
  void open();
  void finish(std::string_view reason);

  EventLoop& loop_;
  const Endpoint endpoint_;
  StreamEvents& events_;
  State state_ = State::dialing;
  std::string early_;  ///< Written before the connection was open.
  std::unique_ptr<Timer> time_limit_;
  StreamHandle stream_;
  Dial dial_;
};

}  // namespace xion
