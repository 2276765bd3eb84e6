#include "sim/chronicle.h"

#include <cstdio>

namespace xion::sim {
namespace {

constexpr std::size_t lines_kept = 40;

}  // namespace

void Chronicle::add(std::string line) {
  const auto now = agenda_.now().time_since_epoch().count() - 1'000'000;
  line = fmt::format("{:>5}.{:03} {}", now / 1000, now % 1000, line);
  for (const char c : line) digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 0x100000001B3;  // FNV-1a
  if (prints_) std::puts(line.c_str());
  last_.push_back(std::move(line));
  if (last_.size() > lines_kept) last_.pop_front();
}

void Chronicle::add_broken(std::string_view invariant, std::string detail) {
  if (is_broken()) return;
  broken_ = fmt::format("{}\n  {}", invariant, detail);
  add(fmt::format("BROKEN {}: {}", invariant, detail));
}

}  // namespace xion::sim
