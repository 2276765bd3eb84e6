#pragma once
#include <cstdint>
#include <string>
#include <string_view>

/// A blocking socket that says exactly what the test wants. Gives up after three minutes, which only a
/// hang takes: then the test fails.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  explicit RawClient(const std::string& unix_path);
  RawClient(RawClient&& other) noexcept : fd_(other.fd_), unread_(std::move(other.unread_)) { other.fd_ = -1; }
  ~RawClient();

  bool is_connected() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void send(std::string_view octets);
  void shut_sending();
  /// Closes so that the other side sees a reset.
  void reset();
  /// All that comes until the other side closes.
  std::string read_all();
  std::string read_line();

  struct Answer {
    int status = 0;  ///< 0: none came.
    std::string head;
    std::string body;
  };
  /// One HTTP answer by its Content-Length; the connection stays as it is.
  Answer read_answer(bool without_body = false);
  Answer ask(std::string_view request) {
    send(request);
    return read_answer();
  }
  /// True where nothing comes any more because the other side has closed.
  bool is_closed_by_peer();

 private:
  bool read_more();
  int fd_ = -1;
  std::string unread_;
};
