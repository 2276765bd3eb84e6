#include "base/octets.h"

#include <doctest/doctest.h>

#include <limits>

using namespace xion;

TEST_CASE("what is written is read back in order") {
  std::string buffer;
  OctetWriter out(buffer);
  const std::uint64_t numbers[] = {0, 127, 128, 300, 1ULL << 62, std::numeric_limits<std::uint64_t>::max()};
  const std::int64_t differences[] = {
      0, -1, 1, -64, 64, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  out.u8(7);
  for (const auto number : numbers) out.varint(number);
  for (const auto difference : differences) out.signed_varint(difference);
  out.text("text");
  out.raw("raw");

  OctetReader in(buffer);
  CHECK(in.u8() == 7);
  for (const auto number : numbers) CHECK(in.varint() == number);
  for (const auto difference : differences) CHECK(in.signed_varint() == difference);
  CHECK(in.text() == "text");
  CHECK_FALSE(in.at_end());
  CHECK(in.raw(3) == "raw");
  CHECK(in.at_end());
  CHECK_FALSE(in.failed());
}

TEST_CASE("small numbers take one octet, whatever their sign") {
  std::string buffer;
  OctetWriter(buffer).varint(127);
  OctetWriter(buffer).signed_varint(-64);
  CHECK(buffer.size() == 2);
}

TEST_CASE("a read past the end fails, and stays failed") {
  OctetReader in("ab");
  CHECK(in.raw(3).empty());
  CHECK(in.failed());
  CHECK(in.raw(1).empty());
  CHECK(in.failed());
}

TEST_CASE("a length that the octets do not bear out is refused") {
  std::string buffer;
  OctetWriter(buffer).varint(std::numeric_limits<std::uint64_t>::max());
  buffer += "abc";
  OctetReader in(buffer);
  CHECK(in.text().empty());
  CHECK(in.failed());
}

TEST_CASE("a number that never ends is refused") {
  const std::string endless(11, '\xFF');
  OctetReader in(endless);
  CHECK(in.varint() == 0);
  CHECK(in.failed());
}
