#include "lmdb/copy_pipe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "store/kv.h"

namespace xion {
namespace {

/// A reader that takes nothing for so long is given up: while a copy is being made the data file can only grow.
/// Milliseconds.
constexpr int patience = 30'000;
constexpr std::size_t piece_octets = std::size_t{64} * 1024;

}  // namespace

CopyPipe::CopyPipe(int socket, Tap tap) : socket_(socket), tap_(std::move(tap)) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw StoreFailure(fmt::format("copying: {}", std::strerror(errno)));
  out_ = OpenFile(ends[0]);
  in_ = OpenFile(ends[1]);
  thread_ = std::thread([this] { pump(); });
}

CopyPipe::~CopyPipe() { finish(); }

std::string CopyPipe::finish() {
  {
    const std::lock_guard lock(mutex_);
    in_.close();
  }
  if (thread_.joinable()) thread_.join();
  return trouble_;
}

void CopyPipe::pump() {
  pthread_setname_np(pthread_self(), "xiond-backup");
  std::vector<char> piece(piece_octets);
  for (;;) {
    const ssize_t got = ::read(out_.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    // What is left in the pipe has to be read all the same, for whoever is writing into it.
    if (trouble_.empty() && tap_) tap_({piece.data(), static_cast<std::size_t>(got)});
    if (!trouble_.empty() || send(piece.data(), static_cast<std::size_t>(got))) continue;
    const std::lock_guard lock(mutex_);
    if (in_.is_open()) ::dup2(out_.get(), in_.get());
  }
}

bool CopyPipe::send(const char* octets, std::size_t count) {
  while (count > 0) {
    const ssize_t sent = ::send(socket_, octets, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      octets += sent;
      count -= static_cast<std::size_t>(sent);
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) {
      pollfd room{.fd = socket_, .events = POLLOUT, .revents = 0};
      if (const int ready = ::poll(&room, 1, patience); ready > 0 || (ready < 0 && errno == EINTR)) continue;
      trouble_ = "the copy was not read in time";
    } else {
      trouble_ = errno == EPIPE ? "the copy was broken off" : fmt::format("copying: {}", std::strerror(errno));
    }
    return false;
  }
  return true;
}

}  // namespace xion
