#include "smpp/framer.h"

#include "support.h"

using namespace xion::smpp;
using namespace xion::smpp::test;

namespace {

const std::string enquire = raw_pdu(0x15, 0, 1);
const std::string with_body = raw_pdu(5, 0, 2, std::string(100, 'x'));

}  // namespace

TEST_CASE("a PDU that came in one read is given once, whole") {
  Framer framer;
  framer.append(enquire);
  CHECK(framer.next().value() == enquire);
  CHECK_FALSE(framer.next().value().has_value());
  CHECK(framer.pending_octets() == 0);
}

TEST_CASE("PDUs come out the same one octet at a time") {
  Framer framer;
  std::vector<std::string> seen;
  for (const char octet : enquire + with_body + enquire) {
    framer.append({&octet, 1});
    while (const auto pdu = framer.next().value()) seen.emplace_back(*pdu);
  }
  CHECK(seen == std::vector{enquire, with_body, enquire});
}

TEST_CASE("two PDUs and a half in one read: two now, the third when its rest comes") {
  Framer framer;
  framer.append(enquire + with_body + with_body.substr(0, 50));
  CHECK(framer.next().value() == enquire);
  CHECK(framer.next().value() == with_body);
  CHECK_FALSE(framer.next().value().has_value());
  CHECK(framer.pending_octets() == 50);
  framer.append(with_body.substr(50));
  CHECK(framer.next().value() == with_body);
}

TEST_CASE("a command_length below 16 is an error at once and for good") {
  for (const std::uint32_t length : {0U, 4U, 15U}) {
    Framer framer;
    std::string octets;
    put_u32(octets, length);
    framer.append(octets);
    CHECK(framer.next().error() == FrameError::length_below_16);
    framer.append(enquire);
    CHECK(framer.next().error() == FrameError::length_below_16);
    CHECK(framer.pending_octets() == 0);
  }
}

TEST_CASE("a command_length above 64 KiB is an error before any of it is kept") {
  for (const std::uint32_t length : {65537U, 0x80000000U, 0xFFFFFFFFU}) {
    Framer framer;
    std::string octets;
    put_u32(octets, length);
    framer.append(octets);
    CHECK(framer.next().error() == FrameError::length_above_64k);
    framer.append(std::string(100'000, 'x'));
    CHECK(framer.capacity_octets() < 1000);
  }
}

TEST_CASE("a PDU of exactly 64 KiB passes") {
  Framer framer;
  const std::string largest = raw_pdu(5, 0, 1, std::string(64 * 1024 - 16, 'x'));
  framer.append(largest);
  CHECK(framer.next().value() == largest);
}

TEST_CASE("a good PDU in front of a bad length is still given") {
  Framer framer;
  framer.append(enquire + std::string(4, '\0'));
  CHECK(framer.next().value() == enquire);
  CHECK(framer.next().error() == FrameError::length_below_16);
}

TEST_CASE("clear forgets an error and what was pending") {
  Framer framer;
  framer.append(std::string(4, '\0'));
  CHECK_FALSE(framer.next().has_value());
  framer.clear();
  framer.append(enquire);
  CHECK(framer.next().value() == enquire);
}

TEST_CASE("the memory of a burst is given back once it is consumed") {
  Framer framer;
  std::string burst;
  for (int i = 0; i < 10'000; ++i) burst += with_body;
  framer.append(burst);
  while (framer.next().value()) {
  }
  CHECK(framer.capacity_octets() <= 16 * 1024);
}

TEST_CASE("consumed octets do not stay while a PDU is always half there") {
  Framer framer;
  const std::string half = with_body.substr(0, 60);
  const std::string other_half = with_body.substr(60);
  framer.append(half);
  for (int i = 0; i < 10'000; ++i) {
    framer.append(other_half + half);
    CHECK(framer.next().value() == with_body);
    CHECK_FALSE(framer.next().value().has_value());
  }
  CHECK(framer.capacity_octets() < 1024);
}

TEST_CASE("any cut of a stream gives the same PDUs") {
  Random random(1);
  std::string stream;
  std::vector<std::string> sent;
  for (std::uint32_t i = 0; i < 300; ++i) {
    sent.push_back(raw_pdu(5, 0, i, octets(random, below(random, 400))));
    stream += sent.back();
  }
  for (int round = 0; round < 50; ++round) {
    Framer framer;
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t length = std::min(stream.size() - at, 1 + below(random, 1000));
      framer.append(std::string_view(stream).substr(at, length));
      at += length;
      while (const auto pdu = framer.next().value()) seen.emplace_back(*pdu);
    }
    CHECK(seen == sent);
  }
}
