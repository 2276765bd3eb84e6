#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "ports/signature_check.h"

/// What standards give to test signatures by. Their texts are written as base64url, as they are there.
namespace xion::jose {

struct Vector {
  std::string_view source;
  JwsAlgorithm algorithm;
  std::string token;
  std::string content;
  std::string signature;  ///< Octets.
  JwsKey key;
  std::string jwk;
};

/// Written anew here, so that nothing is tested by itself. No text that is not base64url comes here.
inline std::string octets_of(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string octets;
  unsigned value = 0, held = 0;
  for (const char c : text) {
    value = (value << 6U | static_cast<unsigned>(alphabet.find(c))) & 0x3FFFU;
    held += 6;
    if (held >= 8) octets += static_cast<char>(value >> (held -= 8) & 0xFFU);
  }
  return octets;
}

inline Vector rsa_vector(std::string_view source, const std::string& content, const std::string& signature,
                         const std::string& n, const std::string& kid) {
  return {source,
          JwsAlgorithm::rs256,
          content + "." + signature,
          content,
          octets_of(signature),
          {JwsKey::Kind::rsa, octets_of(n), octets_of("AQAB")},
          R"({"kty":"RSA","kid":")" + kid + R"(","use":"sig","n":")" + n + R"(","e":"AQAB"})"};
}

inline const std::vector<Vector>& vectors() {
  static const std::string payload =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  static const std::string x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
  static const std::string y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
  static const std::string ec_signature =
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  static const std::vector<Vector> all{
      rsa_vector("RFC 7515 A.2", "eyJhbGciOiJSUzI1NiJ9." + payload,
                 "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9"
                 "uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB"
                 "_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq"
                 "Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
                 "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR"
                 "T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB"
                 "dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia"
                 "GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
                 ""),
      {"RFC 7515 A.3",
       JwsAlgorithm::es256,
       "eyJhbGciOiJFUzI1NiJ9." + payload + "." + ec_signature,
       "eyJhbGciOiJFUzI1NiJ9." + payload,
       octets_of(ec_signature),
       {JwsKey::Kind::p256, octets_of(x), octets_of(y)},
       R"({"kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + y + R"("})"},
      rsa_vector("RFC 7520 4.1",
                 "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9"
                 "."
                 "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUg"
                 "cm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0"
                 "IGJlIHN3ZXB0IG9mZiB0by4",
                 "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi8"
                 "4wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocS"
                 "adnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJu"
                 "shZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
                 "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRB"
                 "SFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD"
                 "1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_"
                 "qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
                 "bilbo.baggins@hobbiton.example"),
  };
  return all;
}

}  // namespace xion::jose
