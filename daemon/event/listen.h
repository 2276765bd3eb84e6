#pragma once
#include <sys/types.h>

#include <expected>
#include <string>
#include <vector>

#include "event/address.h"
#include "ports/open_file.h"

/// Listening sockets, non-blocking. The errors are one sentence that begins with the address.
namespace xion {

/// One socket for each address that the host has, with TCP_NODELAY, which accepted connections inherit. A name whose
/// addresses can't all be bound is fine as long as one can.
std::expected<std::vector<OpenFile>, std::string> listen_tcp(const TcpAddress& address);

/// Makes a listening socket from elsewhere, such as systemd, like ours: non-blocking, TCP_NODELAY.
void tune_listener(int fd);

struct UnixSocketSettings {
  std::string path;
  mode_t mode = 0660;
  std::string group;            ///< By name; empty, or none of that name: the process's own.
  std::string further_group{};  ///< May connect as well, by the file's access control list; empty, or none of that
                                ///< name: nobody.
};
/// A socket file that nobody answers on is replaced; one that somebody answers on is an error.
std::expected<OpenFile, std::string> listen_unix(const UnixSocketSettings& settings);

}  // namespace xion
