#include "lmdb/resident_map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace xion {
namespace {

constexpr std::size_t growth_allowed_octets = 16u << 20;

}  // namespace

ResidentMap::ResidentMap() : statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}

/// LMDB does not tell where its map is: the kernel does, by the file's inode. Source: proc(5), /proc/pid/maps.
void ResidentMap::watch(int file) {
  begin_ = nullptr;
  struct stat wanted{};
  if (::fstat(file, &wanted) != 0) return;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    std::array<char, 8> rights{};
    std::uint64_t inode = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %7s %*s %*s %" SCNu64, &begin, &end, rights.data(),
                    &inode) != 4)
      continue;
    // Only of a shared map that nobody writes to can pages be given back without a loss.
    if (inode != wanted.st_ino || rights[1] != '-' || rights[3] != 's') continue;
    begin_ = reinterpret_cast<void*>(begin);
    length_ = end - begin;
  }
  after_last_drop_ = resident_file_octets();
}

void ResidentMap::drop_if_many() {
  if (begin_ == nullptr || resident_file_octets() < after_last_drop_ + growth_allowed_octets) return;
  ::madvise(begin_, length_, MADV_DONTNEED);
  after_last_drop_ = resident_file_octets();
}

/// The third number of statm, in pages: resident pages of files and shared memory. Source: proc(5).
std::size_t ResidentMap::resident_file_octets() const {
  std::array<char, 128> text{};
  if (!statm_.is_open() || ::pread(statm_.get(), text.data(), text.size() - 1, 0) <= 0) return 0;
  std::size_t pages = 0;
  if (std::sscanf(text.data(), "%*u %*u %zu", &pages) != 1) return 0;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace xion
