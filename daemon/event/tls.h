#pragma once
#include <openssl/ssl.h>

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "core/settings.h"

struct bufferevent;

namespace xion {

struct TlsServerFiles;

using TlsContext = std::shared_ptr<SSL_CTX>;
struct FreesTls {
  void operator()(SSL* tls) const noexcept { SSL_free(tls); }
};
using TlsHandle = std::unique_ptr<SSL, FreesTls>;

/// The suites of TLS 1.2 that are taken and offered; those of 1.3 are all of this kind. What is recorded today can't be
/// read with a key that is stolen tomorrow. Source: RFC 9325 §4.2.
inline constexpr const char* forward_secret_aead = "ECDHE+AESGCM:ECDHE+CHACHA20";
/// The same for a sentence.
inline constexpr std::string_view suites_in_words = "TLS 1.3, or 1.2 with ECDHE and AES-GCM or ChaCha20";

/// TLS 1.2 or newer, HTTP/1.1. The errors are sentences that name the file.
std::expected<TlsContext, std::string> tls_server_context(const TlsServerFiles& files);

/// A client that will shake hands with `host`: by SNI and certificate name where it is a name, by address where it is
/// one. It offers what the listener takes, and OpenSSL's other suites where the settings say so.
std::expected<TlsHandle, std::string> tls_client(const TlsClientSettings& settings, const std::string& host);

/// Whether the peer is the one that is pinned, if one is. To be asked once the handshake is over.
std::expected<void, std::string> check_pin(SSL* tls, const TlsClientSettings& settings);

/// What went wrong in a handshake, and what helps; empty: nothing that we know.
struct TlsTrouble {
  std::string detail, hint;
};
/// What OpenSSL's error of a client means: where the two have no suite or version in common, the peer's alert names
/// neither.
TlsTrouble tls_trouble(const SSL* tls, unsigned long error);

/// Why a TLS stream failed, "TLS: certificate has expired"; empty where it was not TLS that failed.
std::string tls_failure(bufferevent* stream);

/// Tells the peer that nothing more comes, as far as the socket takes it now.
void tls_say_goodbye(bufferevent* stream);

}  // namespace xion
