#include "crypto/master_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/in_key_pages.h"
#include "ports/open_file.h"

namespace xion {
namespace {

template <typename... Args>
std::unexpected<std::string> trouble(fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(fmt::format(format, std::forward<Args>(args)...));
}

/// Who may read the file besides its owner. The group counts unless it is root's, which adds nobody; the files of
/// systemd credentials are root:root 0440, where the group bits are the mask of an access list. Source:
/// systemd.exec(5), acl(5).
bool is_open_to_others(const struct stat& info) {
  const mode_t others = info.st_gid == 0 ? 0007 : 0077;
  return (info.st_mode & others) != 0;
}

}  // namespace

bool sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const OpenFile opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.is_open() && ::fsync(opened.get()) == 0;
}

std::expected<MasterKey, std::string> read_master_key(const std::string& path) {
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open() && errno == ENOENT) {
    return trouble("{}: there is no master key", path);
  }
  if (!file.is_open()) return trouble("{}: the master key can't be opened: {}", path, std::strerror(errno));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return trouble("{}: {}", path, std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return trouble("{}: the master key is not a regular file", path);
  if (is_open_to_others(info)) {
    return trouble("{}: the master key has mode {:04o}, so that others can use it; run `chmod 0600 {}`", path,
                   info.st_mode & 07777U, path);
  }
  // Room for one octet more than can be right, so that a longer file is seen to be longer.
  std::array<char, 2 * master_key_octets + 3> buffer{};
  const auto got = ::read(file.get(), buffer.data(), buffer.size());
  if (got < 0) return trouble("{}: the master key can't be read: {}", path, std::strerror(errno));
  std::string_view line(buffer.data(), static_cast<std::size_t>(got));
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  const Secret octets(line.size() == 2 * master_key_octets ? from_hex(line).value_or("") : "");
  const std::size_t digits = line.size();
  OPENSSL_cleanse(buffer.data(), buffer.size());
  if (digits == 0) return trouble("{}: there is no master key in it", path);
  if (digits != 2 * master_key_octets) {
    return trouble("{}: the master key has {} {} characters; expected 64 hexadecimal digits on one line", path,
                   digits > 2 * master_key_octets ? "at least" : "only", digits);
  }
  if (octets.empty())
    return trouble("{}: the master key has a character that is no hexadecimal digit; expected 64 on one line", path);
  return MasterKey(octets.reveal());
}

std::expected<MasterKey, std::string> make_master_key(const std::string& path, Entropy& entropy) {
  const OpenFile file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open() && errno == EEXIST) {
    return trouble("{}: exists already, and is not overwritten: everything sealed under it would be lost", path);
  }
  if (!file.is_open()) return trouble("{}: can't be made: {}", path, std::strerror(errno));
  MasterKey key;
  entropy.fill(key.octets());
  const Secret line(hex(key.octets()) + "\n");
  if (!write_all(file.get(), line.reveal()) || ::fsync(file.get()) != 0 || !sync_folder_of(path)) {
    const int error = errno;
    ::unlink(path.c_str());
    return trouble("{}: can't be written: {}", path, std::strerror(error));
  }
  return key;
}

SecretKey subkey(const MasterKey& master, std::string_view label) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr),
                                                              EVP_KDF_free);
  XION_ASSERT(kdf != nullptr);
  const InKeyPages in_key_pages;
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()), EVP_KDF_CTX_free);
  // OpenSSL only reads these, though it asks for pointers to what is not const.
  const auto octets = [](const char* name, std::string_view value) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
  };
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      octets(OSSL_KDF_PARAM_KEY, master.reveal()),
      octets(OSSL_KDF_PARAM_INFO, label),
      OSSL_PARAM_construct_end(),
  };
  SecretKey key;
  XION_ASSERT(EVP_KDF_derive(context.get(), key.octets().data(), SecretKey::size, parameters) == 1);
  return key;
}

}  // namespace xion
