#include "carrier/server_tls.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>

namespace xion::carrier {
namespace {

constexpr long one_day_seconds = 24 * 60 * 60;

struct Deleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
template <typename T>
using Owned = std::unique_ptr<T, Deleter>;

SslContext server_context() {
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (context) SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  return context;
}

bool add_extension(X509* certificate, int name, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, name, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Owned<X509> make_certificate(EVP_PKEY* key, bool is_expired) {
  Owned<X509> certificate(X509_new());
  X509* x = certificate.get();
  if (!x) return nullptr;
  X509_set_version(x, 2);  // counts from 0: version 3
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), is_expired ? -2 * one_day_seconds : -60);
  X509_gmtime_adj(X509_getm_notAfter(x), is_expired ? -one_day_seconds : one_day_seconds);
  X509_NAME* name = X509_get_subject_name(x);
  const auto* common_name = reinterpret_cast<const unsigned char*>("localhost");
  const bool is_made = X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
                       X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
                       add_extension(x, NID_basic_constraints, "critical,CA:TRUE") &&
                       add_extension(x, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1") &&
                       X509_sign(x, key, EVP_sha256()) != 0;
  if (!is_made) return nullptr;
  return certificate;
}

}  // namespace

std::expected<SslContext, std::string> tls_from_files(const std::string& certificate, const std::string& key) {
  SslContext context = server_context();
  if (!context) return std::unexpected("OpenSSL gives no context");
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return std::unexpected(fmt::format("{}: holds no readable certificate", certificate));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return std::unexpected(fmt::format("{}: holds no key that fits {}", key, certificate));
  }
  return context;
}

std::expected<void, std::string> demand_client_certificate(SSL_CTX* context, const std::string& authorities) {
  if (SSL_CTX_load_verify_locations(context, authorities.c_str(), nullptr) != 1) {
    return std::unexpected(fmt::format("{}: holds no readable certificate", authorities));
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

std::expected<SslContext, std::string> tls_self_signed(const std::string& written_to, bool is_expired) {
  SslContext context = server_context();
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  if (!context || !key) return std::unexpected("OpenSSL makes no key");
  const Owned<X509> certificate = make_certificate(key.get(), is_expired);
  if (!certificate || SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    return std::unexpected("OpenSSL makes no certificate");
  }
  const Owned<std::FILE> file(std::fopen(written_to.c_str(), "w"));
  if (!file || PEM_write_X509(file.get(), certificate.get()) != 1) {
    return std::unexpected(fmt::format("{}: cannot be written", written_to));
  }
  return context;
}

}  // namespace xion::carrier
