#include "crypto/master_key.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "crypto/entropy.h"

using namespace xion;

namespace {

/// A folder that goes when the test ends.
struct Folder {
  Folder() {
    std::string made = (std::filesystem::temp_directory_path() / "xionid-key-XXXXXX").string();
    REQUIRE(::mkdtemp(made.data()) != nullptr);
    path = made;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string key() const { return path + "/master.key"; }
  std::string write(std::string_view text, mode_t mode = 0600) const {
    std::ofstream(key()) << text;
    ::chmod(key().c_str(), mode);
    return key();
  }
  std::string path;
};

const std::string sixty_four_digits = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

bool says(const std::expected<MasterKey, std::string>& result, std::string_view part) {
  return !result && result.error().find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a key that was made is read back, and only its owner may") {
  const Folder folder;
  OpenSslEntropy entropy;
  const auto made = make_master_key(folder.key(), entropy);
  REQUIRE(made);
  const auto read = read_master_key(folder.key());
  REQUIRE(read);
  CHECK(read->reveal() == made->reveal());
  CHECK(read->reveal().size() == 32);

  struct stat info{};
  REQUIRE(::stat(folder.key().c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
  CHECK(info.st_size == 65);
}

TEST_CASE("a key that exists is never overwritten") {
  const Folder folder;
  folder.write(sixty_four_digits);
  OpenSslEntropy entropy;
  CHECK(says(make_master_key(folder.key(), entropy), "not overwritten"));
  CHECK(read_master_key(folder.key())->reveal()[1] == 1);
}

TEST_CASE("a key is not made where it can't be written") {
  const Folder folder;
  OpenSslEntropy entropy;
  CHECK(says(make_master_key(folder.path + "/no/such/key", entropy), "No such file"));
}

TEST_CASE("the key file is one line of hexadecimal in any case, with its newline or without") {
  const Folder folder;
  for (const char* ending : {"", "\n", "\r\n"}) {
    const auto key = read_master_key(folder.write(sixty_four_digits + ending));
    REQUIRE(key);
    CHECK(hex(as_octets(key->reveal())) == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  }
}

TEST_CASE("a missing key is told by its path") {
  const Folder folder;
  CHECK(says(read_master_key(folder.key()), folder.key() + ": there is no master key"));
}

TEST_CASE("a key of another length is refused") {
  const Folder folder;
  CHECK(says(read_master_key(folder.write("0011\n")), "only 4 characters"));
  CHECK(says(read_master_key(folder.write("")), "no master key"));
  CHECK(says(read_master_key(folder.write(sixty_four_digits + "0\n")), "at least"));
  CHECK(says(read_master_key(folder.write(sixty_four_digits + sixty_four_digits)), "at least"));
}

TEST_CASE("a key that is not hexadecimal is refused, without its text in the message") {
  const Folder folder;
  std::string text = sixty_four_digits;
  text[10] = 'g';
  const auto read = read_master_key(folder.write(text));
  CHECK(says(read, "hexadecimal"));
  CHECK(read.error().find("0001020304") == std::string::npos);
}

TEST_CASE("a key that others can read is refused, with the command that puts it right") {
  const Folder folder;
  for (const mode_t mode : {0644, 0604, 0602})
    CHECK(says(read_master_key(folder.write(sixty_four_digits, mode)), "chmod 0600"));
  // Group bits count, except root's: systemd's credentials have them.
  if (::geteuid() == 0) {
    folder.write(sixty_four_digits, 0640);
    REQUIRE(::chown(folder.key().c_str(), 0, 65534) == 0);
    CHECK(says(read_master_key(folder.key()), "chmod 0600"));
    REQUIRE(::chown(folder.key().c_str(), 0, 0) == 0);
    CHECK(read_master_key(folder.key()));
  }
}

TEST_CASE("a folder is no key") {
  const Folder folder;
  CHECK(says(read_master_key(folder.path), "not a regular file"));
}

TEST_CASE("subkeys are HKDF-SHA256 of the master key with their label") {
  std::string octets;
  for (int i = 0; i < 32; ++i) octets.push_back(static_cast<char>(i));
  const MasterKey master(octets);
  CHECK(hex(subkey(master, "xionid v1 code hash").octets()) ==
        "e383420f652d7f7ebbf78fd3f26f3fabf63552e97670337f42985163a3580a17");
  CHECK_FALSE(subkey(master, "a") == subkey(master, "b"));
}
