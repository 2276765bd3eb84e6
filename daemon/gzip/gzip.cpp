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

struct Deflating {
  z_stream stream{};
  std::string octets;
  explicit Deflating(std::string_view text) {
    XION_ASSERT(text.size() <= std::numeric_limits<uInt>::max());
    XION_ASSERT(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY) == Z_OK);
    octets.resize(deflateBound(&stream, static_cast<uLong>(text.size())));
    left_ = text.size();
    stream.next_in = input_of(text);
    stream.next_out = reinterpret_cast<Bytef*>(octets.data());
    stream.avail_out = static_cast<uInt>(octets.size());
  }
  Deflating(const Deflating&) = delete;
  Deflating& operator=(const Deflating&) = delete;
  ~Deflating() { deflateEnd(&stream); }

  /// So many octets of the text at a time, for as long as `goes_on` says so behind each.
  template <typename GoesOn>
  std::optional<std::string> pack(std::size_t at_a_time, GoesOn goes_on) {
    int result = Z_OK;
    while (result == Z_OK) {
      const std::size_t given = std::min(left_, at_a_time);
      left_ -= given;
      stream.avail_in = static_cast<uInt>(given);
      result = deflate(&stream, left_ == 0 ? Z_FINISH : Z_NO_FLUSH);
      if (result == Z_OK && !goes_on(stream)) return std::nullopt;
    }
    if (result != Z_STREAM_END) return std::nullopt;
    octets.resize(stream.total_out);
    return std::move(octets);
  }

 private:
  std::size_t left_ = 0;  ///< Of the text, in octets.
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
  auto octets = Deflating(text).pack(text.size(), [](const z_stream&) { return true; });
  XION_ASSERT(octets.has_value());
  return std::move(*octets);
}

std::optional<std::string> gzip_if_it_packs(std::string_view text) {
  constexpr uLong looked_at_octets = 16 * 1024, parts = 3;
  return Deflating(text).pack(looked_at_octets, [](const z_stream& stream) {
    return stream.total_out <= looked_at_octets / 2 + stream.total_in / parts;
  });
}

}  // namespace xion
