#pragma once
#include <openssl/ssl.h>

#include <expected>
#include <memory>
#include <string>

namespace xion::carrier {

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextDeleter>;

/// Errors: a sentence.
std::expected<SslContext, std::string> tls_from_files(const std::string& certificate, const std::string& key);

/// Makes a key and a certificate for localhost and 127.0.0.1 that lasts a day, or ended yesterday, and writes the
/// certificate to `written_to`, for clients to trust.
/// Errors: a sentence.
std::expected<SslContext, std::string> tls_self_signed(const std::string& written_to, bool is_expired);

/// Lets in only clients that show a certificate signed by one of the authorities in a PEM file.
/// Errors: a sentence.
std::expected<void, std::string> demand_client_certificate(SSL_CTX* context, const std::string& authorities);

}  // namespace xion::carrier
