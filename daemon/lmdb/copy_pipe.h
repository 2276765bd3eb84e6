#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "ports/open_file.h"

namespace xion {

/// A pipe that a thread empties into a socket. LMDB, when whoever reads its copy has gone, waits for the SIGPIPE that
/// says so, and for ever where that signal is ignored; so it never sees a broken pipe: where the socket takes no more,
/// the end that LMDB writes to is replaced by one that can't be written.
class CopyPipe {
 public:
  /// Sees the octets as they are sent, on the pipe's thread.
  using Tap = std::function<void(std::string_view octets)>;
  /// Throws `StoreFailure` where descriptors are missing.
  CopyPipe(int socket, Tap tap);
  ~CopyPipe();
  CopyPipe(const CopyPipe&) = delete;
  CopyPipe& operator=(const CopyPipe&) = delete;

  int writable() const { return in_.get(); }
  /// Nothing more is written: waits until the socket has it. Nothing, or why it has not all of it.
  std::string finish();

 private:
  void pump();
  bool send(const char* octets, std::size_t count);

  const int socket_;
  const Tap tap_;
  std::mutex mutex_;  ///< Of `in_`, whose number must not be another file's by the time that it is replaced.
  OpenFile out_, in_;
  std::string trouble_;  ///< The thread's until it is joined.
  std::thread thread_;
};

}  // namespace xion
