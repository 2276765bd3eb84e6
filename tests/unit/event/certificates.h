#pragma once
#include <string>

/// Certificates made for one test, in a folder of their own that goes with it.
class Certificates {
 public:
  explicit Certificates(const char* ca_name = "test CA");
  ~Certificates();
  struct Files {
    std::string certificate, key;
  };
  std::string ca() const { return folder_ + "/ca.pem"; }
  /// Signed by the CA.
  Files server(const std::string& name = "server", long valid_for_seconds = 3600,
               const char* valid_for = "DNS:localhost,IP:127.0.0.1") const;
  /// SHA-256 of a certificate in hex.
  static std::string fingerprint(const std::string& certificate_file);

 private:
  std::string folder_;
};
