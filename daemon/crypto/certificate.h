#pragma once
#include <cstddef>
#include <expected>
#include <string>

#include "base/time.h"

/// Certificates and keys as files in PEM, looked at before anybody connects. The errors are sentences without the
/// file's name.
namespace xion {

/// What a chain's file says of itself.
struct CertificateFacts {
  std::string subject;     ///< Of the first certificate, as "CN=otp.example.net".
  WallTime not_before{};   ///< Of the first.
  WallTime not_after{};    ///< The earliest of the chain.
  std::size_t length = 0;  ///< Certificates in the file.
};

/// A certificate and what follows it in the file. Errors: it can't be read, or there is none in it.
std::expected<CertificateFacts, std::string> read_certificates(const std::string& file);
/// Whether the key is the one that the first certificate was made for. Errors: one of them can't be read, or they don't
/// belong together. A key behind a passphrase can't be read: nobody is there to type it.
std::expected<void, std::string> check_key_pair(const std::string& certificate, const std::string& key);

}  // namespace xion
