#pragma once
#include <openssl/ssl.h>

#include <expected>
#include <memory>
#include <string>

#include "core/settings.h"

struct bufferevent;

namespace xion {

struct TlsServerFiles;

using TlsContext = std::shared_ptr<SSL_CTX>;
struct FreesTls {
  void operator()(SSL* tls) const noexcept { SSL_free(tls); }
};
using TlsHandle = std::unique_ptr<SSL, FreesTls>;

/// TLS 1.2 or newer, HTTP/1.1. The errors are sentences that name the file.
std::expected<TlsContext, std::string> tls_server_context(const TlsServerFiles& files);

/// A client that will shake hands with `host`: by SNI and certificate name where it is a name, by address where it is
/// one.
std::expected<TlsHandle, std::string> tls_client(const TlsClientSettings& settings, const std::string& host);

/// Whether the peer is the one that is pinned, if one is. To be asked once the handshake is over.
std::expected<void, std::string> check_pin(SSL* tls, const TlsClientSettings& settings);

/// Why a TLS stream failed, "TLS: certificate has expired"; empty where it was not TLS that failed.
std::string tls_failure(bufferevent* stream);

/// Tells the peer that nothing more comes, as far as the socket takes it now.
void tls_say_goodbye(bufferevent* stream);

}  // namespace xion
