// A backup that is anybody's: whatever its octets are, looking at it ends, in a census or in a refusal with a reason,
// and never in a signal of this process; and with a master key none is taken that it did not make.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "backup/check.h"
#include "crypto/sha256.h"
#include "fuzz_input.h"

using namespace xion;

namespace {

/// A data file as LMDB begins one: two meta pages, the fuzzer's to spoil.
constexpr std::size_t page = 4096;

std::string sealed(std::string data) {
  Seal seal{.made_at = {}, .data_octets = data.size(), .proof = {}, .digest = {}};
  Sha256 hash;
  hash.add(data);
  hash.add(to_octets(seal).substr(0, sealed_octets));
  seal.digest = hash.digest();
  return data + to_octets(seal);
}

std::string meta_pages() {
  std::string octets(4 * page, '\0');
  for (std::size_t n = 0; n < 2; ++n) {
    char* const at = octets.data() + n * page;
    at[0] = static_cast<char>(n);
    at[10] = 0x08;  // P_META
    const std::array<unsigned char, 8> magic{0xDE, 0xC0, 0xEF, 0xBE, 1, 0, 0, 0};
    for (std::size_t i = 0; i < magic.size(); ++i) at[16 + i] = static_cast<char>(magic[i]);
    at[40] = 0;
    at[32] = 0;
    at[33] = 0x40;  // mm_mapsize
  }
  return octets;
}

void write_file(const std::string& path, const std::string& octets) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  XION_ASSERT(file != nullptr);
  XION_ASSERT(std::fwrite(octets.data(), 1, octets.size(), file) == octets.size());
  std::fclose(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = "/tmp/xionid-fuzz-backup." + std::to_string(::getpid());
  fuzz::Input input(data, size);
  const bool is_raw = (input.octet() & 1) != 0;
  std::string octets = meta_pages();
  if (is_raw) {
    octets = std::string(input.rest());
  } else {
    while (!input.at_end()) {
      const std::size_t at = static_cast<std::size_t>(input.octet()) << 8 | input.octet();
      octets[at % octets.size()] = static_cast<char>(input.octet());
    }
  }
  (void)seal_from(octets);
  write_file(path, sealed(octets));
  const auto checked = check_backup(path, {});
  XION_ASSERT(checked || !checked.error().detail.empty());
  const MasterKey master(std::string(master_key_octets, '7'));
  const auto with_key = check_backup(path, {.master = &master});
  XION_ASSERT(!with_key && !with_key.error().detail.empty());
  return 0;
}
