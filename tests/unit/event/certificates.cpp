#include "unit/event/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;
using Certificate = std::unique_ptr<X509, decltype([](X509* certificate) { X509_free(certificate); })>;
using File = std::unique_ptr<FILE, decltype([](FILE* file) { std::fclose(file); })>;

Certificate make(const char* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, long valid_for_seconds,
                 const char* valid_for) {
  static long serial = 1;
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_for_seconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer == nullptr ? certificate.get() : issuer));
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer == nullptr ? certificate.get() : issuer, certificate.get(), nullptr, nullptr, 0);
  const bool is_ca = issuer == nullptr;
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(
      nullptr, &context, is_ca ? NID_basic_constraints : NID_subject_alt_name, is_ca ? "critical,CA:TRUE" : valid_for);
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate.get(), issuer_key, EVP_sha256());
  return certificate;
}

void save(const std::string& path, X509* certificate, EVP_PKEY* key) {
  const File file(std::fopen(path.c_str(), "w"));
  if (certificate != nullptr) PEM_write_X509(file.get(), certificate);
  if (key != nullptr) PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
}

Certificate load(const std::string& path) {
  const File file(std::fopen(path.c_str(), "r"));
  return Certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
}

}  // namespace

Certificates::Certificates(const char* ca_name) {
  std::string folder = "/tmp/xion-tls-XXXXXX";
  folder_ = mkdtemp(folder.data());
  const Key key(EVP_EC_gen("P-256"));
  const Certificate authority = make(ca_name, key.get(), nullptr, key.get(), 3600, nullptr);
  save(ca(), authority.get(), nullptr);
  save(folder_ + "/ca.key", nullptr, key.get());
}

Certificates::~Certificates() { std::filesystem::remove_all(folder_); }

Certificates::Files Certificates::server(const std::string& name, long valid_for_seconds, const char* valid_for) const {
  const File file(std::fopen((folder_ + "/ca.key").c_str(), "r"));
  const Key ca_key(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate =
      make(name.c_str(), key.get(), load(ca()).get(), ca_key.get(), valid_for_seconds, valid_for);
  const Files files{folder_ + "/" + name + ".pem", folder_ + "/" + name + ".key"};
  save(files.certificate, certificate.get(), nullptr);
  save(files.key, nullptr, key.get());
  return files;
}

std::string Certificates::fingerprint(const std::string& certificate_file) {
  unsigned char digest[32];
  unsigned length = 0;
  X509_digest(load(certificate_file).get(), EVP_sha256(), digest, &length);
  std::string text;
  for (const unsigned char octet : digest) {
    char two[4];
    std::snprintf(two, sizeof two, "%02X:", octet);
    text += two;
  }
  text.pop_back();
  return text;
}
