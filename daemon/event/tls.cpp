#include "event/tls.h"

#include <event2/bufferevent_ssl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cctype>

#include "base/bytes.h"
#include "event/handles.h"
#include "event/http_server.h"

namespace xion {

namespace {

/// Where an SMSC has no others. Those that OpenSSL holds for weak are not among them.
constexpr const char* old_suites_too = "DEFAULT";

std::string openssl_reason(unsigned long error) {
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason == nullptr ? "unknown error" : reason;
}

std::unexpected<std::string> cannot_use(std::string_view what, const std::string& file) {
  const auto error = ERR_peek_error();
  ERR_clear_error();
  return std::unexpected(fmt::format("{}: can't be used as {}: {}", file, what, openssl_reason(error)));
}

TlsContext new_context(const SSL_METHOD* method) {
  TlsContext context(SSL_CTX_new(method), &SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // SMPP and HTTP say themselves where a message ends, so a peer that just hangs up cuts nothing off unnoticed.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // 34 KiB less for each idle connection.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

std::expected<void, std::string> use_certificate(SSL_CTX* context, const std::string& certificate,
                                                 const std::string& key) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return cannot_use("a certificate", certificate);
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return cannot_use("the key of " + certificate, key);
  return {};
}

int choose_http1(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                 unsigned offered_length, void*) noexcept {
  static constexpr unsigned char http1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(&found, length, http1, sizeof http1, offered, offered_length);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

std::expected<void, std::string> trust(SSL_CTX* context, const TlsClientSettings& settings) {
  if (!settings.fingerprint.empty()) return {};  // check_pin decides.
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (settings.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, settings.ca.c_str()) != 1) {
    return cannot_use("a CA", settings.ca);
  }
  return {};
}

/// Only the digits of "AA:bb:…", lower case.
std::string bare_hex(std::string_view text) {
  std::string bare;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)))
      bare.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return bare;
}

/// A peer that refuses us after the handshake (TLS 1.3: for our certificate, or none) says why and hangs up. Our first
/// write fails then, while its alert waits to be read.
unsigned long unread_alert(SSL* tls) {
  char octet = 0;
  ERR_clear_error();
  if (SSL_peek(tls, &octet, 1) > 0) return 0;
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  return ERR_GET_LIB(error) == ERR_LIB_SSL ? error : 0;
}

bool offers_old_suites(const SSL* tls) {
  const STACK_OF(SSL_CIPHER)* suites = SSL_get_ciphers(tls);
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
    if (SSL_CIPHER_get_kx_nid(sk_SSL_CIPHER_value(suites, i)) == NID_kx_rsa) return true;
  }
  return false;
}

/// The peer gave up before it chose a suite; later it would be for our certificate, or none.
bool is_without_suite(const SSL* tls, int reason) {
  const bool is_refusal =
      reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE || reason == SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY;
  return is_refusal && SSL_get_pending_cipher(tls) == nullptr && SSL_get_current_cipher(tls) == nullptr;
}

}  // namespace

TlsTrouble tls_trouble(const SSL* tls, unsigned long error) {
  if (error == 0) return {};
  const int reason = ERR_GET_REASON(error);
  if (reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || reason == SSL_R_UNSUPPORTED_PROTOCOL) {
    return {fmt::format("no shared version: {}; the peer has neither TLS 1.2 nor 1.3", openssl_reason(error)),
            "older ones can be read by who records them: the peer has to be renewed"};
  }
  if (!is_without_suite(tls, reason)) return {openssl_reason(error), {}};
  if (offers_old_suites(tls)) return {"no shared cipher: the peer refuses the old suites, too", {}};
  return {fmt::format("no shared cipher: the peer takes none of {}", suites_in_words),
          "where it can't be renewed, `tls = { ciphers = \"legacy\" }` in the carrier's block offers older suites"};
}

std::expected<TlsContext, std::string> tls_server_context(const TlsServerFiles& files) {
  TlsContext context = new_context(TLS_server_method());
  SSL_CTX_set_cipher_list(context.get(), forward_secret_aead);
  if (auto used = use_certificate(context.get(), files.certificate, files.key); !used)
    return std::unexpected(used.error());
  SSL_CTX_set_alpn_select_cb(context.get(), &choose_http1, nullptr);
  return context;
}

std::expected<TlsHandle, std::string> tls_client(const TlsClientSettings& settings, const std::string& host) {
  const TlsContext context = new_context(TLS_client_method());
  SSL_CTX_set_cipher_list(context.get(), settings.has_old_suites ? old_suites_too : forward_secret_aead);
  if (auto trusted = trust(context.get(), settings); !trusted) return std::unexpected(trusted.error());
  if (!settings.certificate.empty()) {
    const std::string& key = settings.key.empty() ? settings.certificate : settings.key;
    if (auto used = use_certificate(context.get(), settings.certificate, key); !used)
      return std::unexpected(used.error());
  }
  TlsHandle tls(SSL_new(context.get()));
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls.get()), host.c_str()) != 1) {
    SSL_set1_host(tls.get(), host.c_str());
    SSL_set_tlsext_host_name(tls.get(), host.c_str());
  }
  ERR_clear_error();
  return tls;
}

std::expected<void, std::string> check_pin(SSL* tls, const TlsClientSettings& settings) {
  if (settings.fingerprint.empty()) return {};
  const std::unique_ptr<X509, Releases<&X509_free>> certificate(SSL_get1_peer_certificate(tls));
  Digest digest{};
  unsigned length = 0;
  if (certificate == nullptr || X509_digest(certificate.get(), EVP_sha256(), digest.data(), &length) != 1) {
    return std::unexpected("TLS: the peer sent no certificate");
  }
  if (hex(digest) == bare_hex(settings.fingerprint)) return {};
  return std::unexpected(
      fmt::format("TLS: the peer's certificate has the fingerprint {}, not the one that is pinned", hex(digest)));
}

std::string tls_failure(bufferevent* stream) {
  SSL* tls = bufferevent_openssl_get_ssl(stream);
  if (tls == nullptr) return {};
  // Errors come oldest first; small numbers are SSL_get_error codes, not reasons.
  unsigned long reason = 0;
  while (const unsigned long error = bufferevent_get_openssl_error(stream)) {
    if (reason == 0 && ERR_GET_LIB(error) != 0) reason = error;
  }
  if (const long verdict = SSL_get_verify_result(tls); verdict != X509_V_OK && !SSL_is_init_finished(tls)) {
    return fmt::format("TLS: {}", X509_verify_cert_error_string(verdict));
  }
  if (reason == 0) reason = unread_alert(tls);
  const TlsTrouble trouble = tls_trouble(tls, reason);
  if (trouble.detail.empty()) return {};
  return fmt::format("TLS: {}{}{}", trouble.detail, trouble.hint.empty() ? "" : "; ", trouble.hint);
}

void tls_say_goodbye(bufferevent* stream) {
  SSL* tls = bufferevent_openssl_get_ssl(stream);
  if (tls != nullptr && SSL_is_init_finished(tls)) SSL_shutdown(tls);
  ERR_clear_error();
}

}  // namespace xion
