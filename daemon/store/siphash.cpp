#include "store/siphash.h"

#include <bit>
#include <random>

namespace xion {
namespace {

static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");

std::uint64_t word_at(const char* octets) {
  std::uint64_t word = 0;
  std::memcpy(&word, octets, sizeof word);
  return word;
}

struct State {
  std::uint64_t v0, v1, v2, v3;

  void rounds(int count) {
    for (; count > 0; --count) {
      v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
      v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
      v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
      v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
    }
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  std::uint64_t folded() const { return v0 ^ v1 ^ v2 ^ v3; }
};

}  // namespace

SipHash::Key SipHash::random_key() {
  std::random_device random;
  Key key;
  for (auto& word : key) word = (static_cast<std::uint64_t>(random()) << 32) | random();
  return key;
}

Hash128 SipHash::operator()(std::string_view octets) const {
  State state{0x736f6d6570736575 ^ key_[0], 0x646f72616e646f6d ^ key_[1] ^ 0xee, 0x6c7967656e657261 ^ key_[0],
              0x7465646279746573 ^ key_[1]};
  std::size_t at = 0;
  for (; at + 8 <= octets.size(); at += 8) state.absorb(word_at(octets.data() + at));
  std::uint64_t last = static_cast<std::uint64_t>(octets.size()) << 56;
  for (unsigned shift = 0; at < octets.size(); ++at, shift += 8)
    last |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(octets[at])) << shift;
  state.absorb(last);

  std::array<std::uint64_t, 2> words{};
  state.v2 ^= 0xee;
  state.rounds(4);
  words[0] = state.folded();
  state.v1 ^= 0xdd;
  state.rounds(4);
  words[1] = state.folded();
  Hash128 hash;
  std::memcpy(hash.octets.data(), words.data(), sizeof words);
  return hash;
}

}  // namespace xion
