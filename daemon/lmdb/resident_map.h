#pragma once
#include <cstddef>

#include "ports/open_file.h"

namespace xion {

/// Keeps a file's memory map from filling the process's resident memory. Pages of a read-only shared map that were
/// touched count as resident for ever, though they are the kernel's cache; giving them back costs a minor fault where
/// one is read again, and is safe at any time, since the map holds nothing that the file doesn't.
class ResidentMap {
 public:
  ResidentMap();
  ResidentMap(const ResidentMap&) = delete;
  ResidentMap& operator=(const ResidentMap&) = delete;

  /// Finds where the process has mapped the file. Watches nothing where that can't be found.
  void watch(int file);
  void forget() { begin_ = nullptr; }
  /// Gives the pages back when the process's resident file pages have grown by 16 MiB since it last did.
  void drop_if_many();

 private:
  std::size_t resident_file_octets() const;

  OpenFile statm_;
  void* begin_ = nullptr;
  std::size_t length_ = 0;
  std::size_t after_last_drop_ = 0;
};

}  // namespace xion
