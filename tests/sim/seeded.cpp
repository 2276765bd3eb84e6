#include "sim/seeded.h"

namespace xion::sim {

Seeded Seeded::fork(std::string_view part) {
  std::uint64_t hash = next();
  for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;  // FNV-1a
  return Seeded(hash);
}

std::uint64_t Seeded::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

void Seeded::fill(std::span<std::uint8_t> out) {
  for (std::uint8_t& octet : out) octet = static_cast<std::uint8_t>(next() >> 56);
}

std::int64_t Seeded::between(std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
}

bool Seeded::chance(double share) { return static_cast<double>(next() >> 11) * 0x1p-53 < share; }

}  // namespace xion::sim
