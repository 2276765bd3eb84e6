#include "crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>

namespace xion {
namespace {

template <auto release>
struct Releases {
  template <typename T>
  void operator()(T* handle) const {
    release(handle);
  }
};
using Certificate = std::unique_ptr<X509, Releases<&X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Releases<&EVP_PKEY_free>>;
using File = std::unique_ptr<std::FILE, Releases<&std::fclose>>;

std::expected<File, std::string> open_file(const std::string& path) {
  File file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) return std::unexpected(std::string(std::strerror(errno)));
  return file;
}

WallTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return WallTime{std::chrono::duration_cast<Millis>(std::chrono::seconds{::timegm(&parts)})};
}

std::string subject_of(X509* certificate) {
  const std::unique_ptr<BIO, Releases<&BIO_free>> memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
}

Certificate next_certificate(std::FILE* file) {
  Certificate found(PEM_read_X509_AUX(file, nullptr, nullptr, nullptr));
  ERR_clear_error();
  return found;
}

/// Nobody is there to type one.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

std::expected<CertificateFacts, std::string> read_certificates(const std::string& path) {
  const auto file = open_file(path);
  if (!file) return std::unexpected(file.error());
  CertificateFacts facts;
  while (const Certificate found = next_certificate(file->get())) {
    const WallTime end = time_of(X509_get0_notAfter(found.get()));
    if (facts.length == 0) {
      facts.subject = subject_of(found.get());
      facts.not_before = time_of(X509_get0_notBefore(found.get()));
      facts.not_after = end;
    }
    facts.not_after = std::min(facts.not_after, end);
    ++facts.length;
  }
  if (facts.length == 0) return std::unexpected("there is no certificate in PEM in it");
  return facts;
}

std::expected<void, std::string> check_key_pair(const std::string& certificate, const std::string& key) {
  const auto chain = open_file(certificate), secret = open_file(key);
  if (!chain) return std::unexpected(chain.error());
  if (!secret) return std::unexpected(secret.error());
  const Certificate first = next_certificate(chain->get());
  if (first == nullptr) return std::unexpected("there is no certificate in PEM in it");
  const Key own(PEM_read_PrivateKey(secret->get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (own == nullptr) return std::unexpected("there is no private key in PEM in it, or it has a passphrase");
  const bool fits = X509_check_private_key(first.get(), own.get()) == 1;
  ERR_clear_error();
  if (!fits) return std::unexpected("it is the key of another certificate");
  return {};
}

}  // namespace xion
