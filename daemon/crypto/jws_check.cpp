#include "crypto/jws_check.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

#include "crypto/sha256.h"

namespace xion {
namespace {

using Number = std::unique_ptr<BIGNUM, decltype([](BIGNUM* handle) { BN_free(handle); })>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, decltype([](OSSL_PARAM_BLD* handle) { OSSL_PARAM_BLD_free(handle); })>;
using Params = std::unique_ptr<OSSL_PARAM, decltype([](OSSL_PARAM* handle) { OSSL_PARAM_free(handle); })>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype([](EVP_PKEY_CTX* handle) { EVP_PKEY_CTX_free(handle); })>;
using PublicKey = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* handle) { EVP_PKEY_free(handle); })>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* handle) { EVP_MD_CTX_free(handle); })>;
using EcSignature = std::unique_ptr<ECDSA_SIG, decltype([](ECDSA_SIG* handle) { ECDSA_SIG_free(handle); })>;

/// Octets of a coordinate, and of each half of a signature. Source: RFC 7518 §3.4.
constexpr std::size_t p256_octets = 32;
constexpr int passkey_bits_min = 2'048, passkey_bits_max = 8'192;

const unsigned char* raw_octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
Number big_number(std::string_view big_endian) {
  return Number(BN_bin2bn(raw_octets(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

PublicKey key_made(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  PublicKey owned(key);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  // A point that is not on the curve is no key.
  if (!check || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return owned;
}

PublicKey rsa_key(const JwsKey& key) {
  const Number modulus = big_number(key.first), exponent = big_number(key.second);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    return nullptr;
  return key_made("RSA", builder.get());
}

PublicKey p256_key(const JwsKey& key) {
  if (key.first.size() != p256_octets || key.second.size() != p256_octets) return nullptr;
  const std::string point = '\4' + key.first + key.second;  // Uncompressed. Source: SEC 1 §2.3.3.
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
    return nullptr;
  return key_made("EC", builder.get());
}

/// JOSE writes r and s side by side, OpenSSL wants DER. Empty: not of that length.
std::string as_der(std::string_view signature) {
  if (signature.size() != 2 * p256_octets) return {};
  Number r = big_number(signature.substr(0, p256_octets)), s = big_number(signature.substr(p256_octets));
  const EcSignature pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // They are the pair's now.
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return text;
}

bool is_on_p256(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t length = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) == 1 &&
         std::string_view(name.data(), length) == "prime256v1";
}

/// Null where it is of no kind that passkeys have here, or more than one key.
PublicKey passkey_of(std::string_view public_key) {
  const unsigned char* at = raw_octets(public_key);
  const unsigned char* const end = at + public_key.size();
  PublicKey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())));
  if (!key || at != end) return nullptr;
  const int bits = EVP_PKEY_get_bits(key.get());
  const bool is_rsa = EVP_PKEY_is_a(key.get(), "RSA") == 1 && bits >= passkey_bits_min && bits <= passkey_bits_max;
  if (!is_rsa && !is_on_p256(key.get())) return nullptr;
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!check || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return key;
}

bool set_padding(EVP_PKEY_CTX* context, JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::es256: return true;
    case JwsAlgorithm::rs256: return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case JwsAlgorithm::ps256:  // The salt is as long as the hash. Source: RFC 7518 §3.5.
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  return false;
}

bool is_verified(JwsAlgorithm algorithm, const JwsKey& parts, std::string_view content, std::string_view signature) {
  const bool is_ec = algorithm == JwsAlgorithm::es256;
  if (is_ec != (parts.kind == JwsKey::Kind::p256)) return false;
  const PublicKey key = is_ec ? p256_key(parts) : rsa_key(parts);
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* padding = nullptr;
  if (!key || !context || EVP_DigestVerifyInit(context.get(), &padding, EVP_sha256(), nullptr, key.get()) != 1 ||
      !set_padding(padding, algorithm))
    return false;
  const std::string form = is_ec ? as_der(signature) : std::string(signature);
  return !form.empty() &&
         EVP_DigestVerify(context.get(), raw_octets(form), form.size(), raw_octets(content), content.size()) == 1;
}

}  // namespace

bool OpenSslSignatureCheck::is_signed(JwsAlgorithm algorithm, const JwsKey& key, std::string_view content,
                                      std::string_view signature) const {
  const bool is_good = is_verified(algorithm, key, content, signature);
  ERR_clear_error();  // Others on this thread ask for their own errors.
  return is_good;
}

bool OpenSslSignatureCheck::is_passkey(std::string_view public_key) const {
  const bool is_good = passkey_of(public_key) != nullptr;
  ERR_clear_error();
  return is_good;
}

bool OpenSslSignatureCheck::is_signed_by_passkey(std::string_view public_key, std::string_view content,
                                                 std::string_view signature) const {
  const PublicKey key = passkey_of(public_key);
  const DigestContext context(EVP_MD_CTX_new());
  // What RSA pads by without being asked is PKCS #1 v1.5, which RS256 is.
  const bool is_good =
      key && context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), raw_octets(signature), signature.size(), raw_octets(content), content.size()) ==
          1;
  ERR_clear_error();
  return is_good;
}

Digest OpenSslSignatureCheck::sha256(std::string_view content) const {
  Sha256 hash;
  hash.add(content);
  return hash.digest();
}

}  // namespace xion
