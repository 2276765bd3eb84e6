#pragma once
#include <algorithm>
#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.h"
#include "event/address.h"
#include "event/tls.h"
#include "ports/open_file.h"

/// A connection that is tried once, by hand: each step waits, and none longer than the whole may take.
namespace xion::cli {

class Deadline {
 public:
  explicit Deadline(Millis limit) : at_(std::chrono::steady_clock::now() + limit) {}
  Millis left() const {
    const auto left = std::chrono::ceil<Millis>(at_ - std::chrono::steady_clock::now());
    return std::max(left, Millis{0});
  }

 private:
  std::chrono::steady_clock::time_point at_;
};

/// What went wrong, and what helps.
struct ProbeTrouble {
  std::string detail;
  std::string hint;
};
template <typename T>
using Probed = std::expected<T, ProbeTrouble>;

Probed<std::vector<SocketAddress>> find_addresses(const TcpAddress& address, const Deadline& deadline);

struct Connected {
  OpenFile socket;
  std::string peer, local;           ///< "192.0.2.7:2775"
  std::vector<std::string> in_vain;  ///< What those before it said: "192.0.2.6:2775: connection refused".
};
/// Tries every address in turn. `local_address`: which of ours it comes from; empty: the system chooses.
Probed<Connected> connect_to(const std::vector<SocketAddress>& addresses, const std::string& local_address,
                             const Deadline& deadline);

/// A peer's certificate as it was shown, whatever is wrong with it.
struct TlsReport {
  std::string protocol, cipher;
  std::string subject, issuer, names;  ///< Distinguished names; the names that it is valid for.
  std::string fingerprint;             ///< SHA-256.
  std::vector<std::string> chain;      ///< Subjects, from the peer's own upwards.
  std::chrono::sys_seconds not_after{};
  std::vector<ProbeTrouble> troubles;  ///< All of them; empty: the daemon would take it.
};

/// The socket with or without TLS on it.
class ProbeLine {
 public:
  ProbeLine(OpenFile socket, const Deadline& deadline) : socket_(std::move(socket)), deadline_(deadline) {}
  /// Shakes hands; nothing but that is ever said to a peer with troubles.
  Probed<TlsReport> secure(const TlsClientSettings& settings, const std::string& host);
  std::expected<void, std::string> write(std::string_view octets);
  /// What comes next. Errors: "closed by the peer", "no answer", …
  std::expected<std::string, std::string> read();
  const Deadline& deadline() const { return deadline_; }

 private:
  bool wait(short what) const;
  /// Whether the operation on `tls_` can go on.
  bool wait_for_tls(int outcome) const;

  OpenFile socket_;
  TlsHandle tls_;
  const Deadline& deadline_;
};

}  // namespace xion::cli
