#include "cli/probe.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <future>
#include <memory>
#include <thread>

#include "base/bytes.h"

namespace xion::cli {
namespace {

constexpr std::string_view no_answer = "no answer in time";
/// Longest wait for one address, so that the next ones have their turn.
constexpr Millis connect_limit{10'000};

bool wait_on(int descriptor, short what, Millis limit) {
  pollfd one{.fd = descriptor, .events = what, .revents = 0};
  return ::poll(&one, 1, static_cast<int>(limit.count())) > 0;
}

std::string_view hint_of_connect(int error) {
  switch (error) {
    case ECONNREFUSED: return "nothing listens at that port, or a firewall refuses: ask the carrier for host and port";
    case ETIMEDOUT:
      return "packets are dropped on the way: has the carrier let in this machine's public address (local_address)?";
    case ENETUNREACH:
    case EHOSTUNREACH: return "there is no way to that network: a VPN or a route may be missing";
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT: return "local_address is no address of this machine, or of another family than the carrier's";
    case EACCES:
    case EPERM: return "a firewall of this machine forbids it";
    default: return "";
  }
}

/// 0, or why not.
int connect_one(int socket, const SocketAddress& address, const std::string& local_address, const Deadline& deadline) {
  if (!local_address.empty()) {
    const auto ours = literal({local_address, 0});
    if (ours.empty() || ours.front().storage.ss_family != address.storage.ss_family) return EAFNOSUPPORT;
    if (::bind(socket, ours.front().get(), ours.front().length) != 0) return errno;
  }
  if (::connect(socket, address.get(), address.length) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!wait_on(socket, POLLOUT, std::min(deadline.left(), connect_limit))) return ETIMEDOUT;
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

std::string text_of(X509_NAME* name) {
  char text[256] = "";
  X509_NAME_oneline(name, text, sizeof text);
  std::string shown(text);
  if (shown.starts_with('/')) shown.erase(0, 1);
  std::ranges::replace(shown, '/', ' ');
  return shown;
}

std::string names_of(X509* certificate) {
  std::string names;
  const auto add = [&](std::string_view name) { names.append(names.empty() ? "" : ", ").append(name); };
  auto* alternatives =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    if (name->type == GEN_DNS) {
      const auto* octets = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
      add({octets, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))});
    } else if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 4) {
      const unsigned char* octets = ASN1_STRING_get0_data(name->d.iPAddress);
      add(fmt::format("{}.{}.{}.{}", octets[0], octets[1], octets[2], octets[3]));
    }
  }
  GENERAL_NAMES_free(alternatives);
  return names;
}

std::chrono::sys_seconds moment_of(const ASN1_TIME* time) {
  tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return std::chrono::sys_seconds{Seconds{::timegm(&parts)}};
}

std::string hint_of_certificate(int error, const TlsClientSettings& settings) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return "the carrier has to renew it; if this machine's clock is right, that is";
    case X509_V_ERR_CERT_NOT_YET_VALID: return "is this machine's clock right?";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "connect to a name that the certificate has, or pin the certificate: tls = { fingerprint = \"…\" }";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return settings.ca.empty()
                 ? "no authority of this machine has signed it: name the carrier's by tls = { ca = \"…\" }"
                 : "another authority has signed it than those in " + settings.ca;
    default: return "";
  }
}

/// What a verification says goes here, and the handshake goes on, so that all of it can be shown.
struct Verification {
  const TlsClientSettings& settings;
  std::vector<ProbeTrouble> troubles;
  void note(X509_STORE_CTX* store) {
    const int error = X509_STORE_CTX_get_error(store);
    X509* certificate = X509_STORE_CTX_get_current_cert(store);
    std::string detail = X509_verify_cert_error_string(error);
    if (certificate != nullptr) detail += ": " + text_of(X509_get_subject_name(certificate));
    const bool is_known = std::ranges::find(troubles, detail, &ProbeTrouble::detail) != troubles.end();
    if (!is_known) troubles.push_back({std::move(detail), hint_of_certificate(error, settings)});
  }
};

int on_certificate(int is_right, X509_STORE_CTX* store) noexcept {
  auto* tls = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (is_right == 0) static_cast<Verification*>(SSL_get_app_data(tls))->note(store);
  return 1;
}

TlsReport report_of(SSL* tls) {
  TlsReport report;
  report.protocol = SSL_get_version(tls);
  report.cipher = SSL_get_cipher_name(tls);
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(tls);
  for (int i = 0; i < sk_X509_num(chain); ++i)
    report.chain.push_back(text_of(X509_get_subject_name(sk_X509_value(chain, i))));
  X509* own = SSL_get0_peer_certificate(tls);
  if (own == nullptr) return report;
  report.subject = text_of(X509_get_subject_name(own));
  report.issuer = text_of(X509_get_issuer_name(own));
  report.names = names_of(own);
  report.not_after = moment_of(X509_get0_notAfter(own));
  Digest digest{};
  unsigned length = 0;
  X509_digest(own, EVP_sha256(), digest.data(), &length);
  report.fingerprint = hex(digest);
  return report;
}

}  // namespace

Probed<std::vector<SocketAddress>> find_addresses(const TcpAddress& address, const Deadline& deadline) {
  if (auto known = literal(address); !known.empty()) return known;
  using Found = std::expected<std::vector<SocketAddress>, std::string>;
  auto promise = std::make_shared<std::promise<Found>>();
  auto found = promise->get_future();
  std::thread([promise, address] { promise->set_value(look_up(address)); }).detach();  // It can't be broken off.
  const std::string_view hint = "see /etc/resolv.conf; `getent hosts NAME` asks the same";
  if (found.wait_for(deadline.left()) != std::future_status::ready)
    return std::unexpected(ProbeTrouble{"the name server did not answer", std::string(hint)});
  auto outcome = found.get();
  if (!outcome) return std::unexpected(ProbeTrouble{outcome.error(), "is the name right? " + std::string(hint)});
  return std::move(*outcome);
}

Probed<Connected> connect_to(const std::vector<SocketAddress>& addresses, const std::string& local_address,
                             const Deadline& deadline) {
  Connected connected;
  int error = EHOSTUNREACH;
  for (const SocketAddress& address : addresses) {
    connected.socket = OpenFile(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    error = connected.socket.is_open() ? connect_one(connected.socket.get(), address, local_address, deadline) : errno;
    if (error == 0) {
      connected.peer = to_text(address);
      connected.local = xion::local_address(connected.socket.get());
      return connected;
    }
    connected.in_vain.push_back(fmt::format("{}: {}", to_text(address), plain_reason(error)));
  }
  return std::unexpected(
      ProbeTrouble{fmt::format("{}", fmt::join(connected.in_vain, "; ")), std::string(hint_of_connect(error))});
}

bool ProbeLine::wait(short what) const { return wait_on(socket_.get(), what, deadline_.left()); }

bool ProbeLine::wait_for_tls(int outcome) const {
  switch (SSL_get_error(tls_.get(), outcome)) {
    case SSL_ERROR_WANT_READ: return wait(POLLIN);
    case SSL_ERROR_WANT_WRITE: return wait(POLLOUT);
    default: return false;
  }
}

Probed<TlsReport> ProbeLine::secure(const TlsClientSettings& settings, const std::string& host) {
  auto made = tls_client(settings, host);
  if (!made) return std::unexpected(ProbeTrouble{made.error(), "see tls in the carrier's block"});
  tls_ = std::move(*made);
  Verification verification{settings, {}};
  SSL_set_app_data(tls_.get(), &verification);
  if (settings.fingerprint.empty()) SSL_set_verify(tls_.get(), SSL_VERIFY_PEER, &on_certificate);
  SSL_set_fd(tls_.get(), socket_.get());
  for (;;) {
    ERR_clear_error();
    const int outcome = SSL_connect(tls_.get());
    if (outcome == 1) break;
    if (wait_for_tls(outcome)) continue;
    const auto error = ERR_peek_error();
    const bool is_late = deadline_.left() == Millis{0};
    auto [detail, hint] = tls_trouble(tls_.get(), error);
    if (hint.empty()) hint = "is that port the one for TLS? without it, `tls = false`";
    if (detail.empty()) detail = "the peer hung up in the handshake";
    return std::unexpected(ProbeTrouble{is_late ? std::string(no_answer) : std::move(detail), std::move(hint)});
  }
  SSL_set_app_data(tls_.get(), nullptr);
  TlsReport report = report_of(tls_.get());
  report.troubles = std::move(verification.troubles);
  if (const auto pinned = check_pin(tls_.get(), settings); !pinned)
    report.troubles.push_back({pinned.error(), "if the carrier has changed it, and says so, pin the new one"});
  return report;
}

std::expected<void, std::string> ProbeLine::write(std::string_view octets) {
  while (!octets.empty()) {
    std::size_t written = 0;
    if (tls_) {
      ERR_clear_error();
      const int outcome = SSL_write_ex(tls_.get(), octets.data(), octets.size(), &written);
      if (outcome != 1 && !wait_for_tls(outcome)) return std::unexpected("the TLS connection was lost");
    } else {
      const auto sent = ::send(socket_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return std::unexpected(plain_reason(errno));
      if (sent < 0 && !wait(POLLOUT)) return std::unexpected(std::string(no_answer));
      written = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    }
    octets.remove_prefix(written);
  }
  return {};
}

std::expected<std::string, std::string> ProbeLine::read() {
  std::string octets(16'384, '\0');
  for (;;) {
    if (tls_) {
      std::size_t got = 0;
      ERR_clear_error();
      const int outcome = SSL_read_ex(tls_.get(), octets.data(), octets.size(), &got);
      if (outcome == 1) return octets.substr(0, got);
      if (wait_for_tls(outcome)) continue;
      return std::unexpected(deadline_.left() == Millis{0} ? std::string(no_answer) : plain_reason(0));
    }
    if (!wait(POLLIN)) return std::unexpected(std::string(no_answer));
    const auto got = ::recv(socket_.get(), octets.data(), octets.size(), 0);
    if (got > 0) return octets.substr(0, static_cast<std::size_t>(got));
    if (got == 0) return std::unexpected(plain_reason(0));
    if (errno != EAGAIN) return std::unexpected(plain_reason(errno));
  }
}

}  // namespace xion::cli
