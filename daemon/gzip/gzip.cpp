// The only user of zlib.
#include "gzip/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace xion {
namespace {

/// The largest window, in a gzip envelope. Source: zlib.h, inflateInit2 and deflateInit2.
constexpr int window_bits = 15 + 16;
constexpr int memory_level = 8;

Bytef* input_of(std::string_view octets) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));  // zlib reads it only.
}

struct Inflating {
  z_stream stream{};
  Inflating() { XION_ASSERT(inflateInit2(&stream, window_bits) == Z_OK); }
  Inflating(const Inflating&) = delete;
  Inflating& operator=(const Inflating&) = delete;
  ~Inflating() { inflateEnd(&stream); }
};

}  // namespace

std::expected<std::string, GunzipError> gunzip(std::string_view octets, std::size_t limit) {
  Inflating inflating;
  z_stream& stream = inflating.stream;
  stream.next_in = input_of(octets);
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(octets.size(), std::numeric_limits<uInt>::max()));
  // One more than may be there tells too much from just enough.
  std::string text(limit + 1, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const int result = inflate(&stream, Z_FINISH);
  if (stream.total_out > limit) return std::unexpected(GunzipError::too_large);
  if (result != Z_STREAM_END || stream.avail_in != 0) return std::unexpected(GunzipError::not_gzip);
  text.resize(stream.total_out);
  return text;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  XION_ASSERT(text.size() <= std::numeric_limits<uInt>::max());
  XION_ASSERT(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string octets(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = input_of(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(octets.data());
  stream.avail_out = static_cast<uInt>(octets.size());
  const int result = deflate(&stream, Z_FINISH);
  octets.resize(stream.total_out);
  deflateEnd(&stream);
  XION_ASSERT(result == Z_STREAM_END);
  return octets;
}

}  // namespace xion
