#include "smpp/gsm.h"

#include "support.h"

using namespace xion::smpp;
using namespace xion::smpp::test;

namespace {

std::string utf8(std::string_view septets) {
  std::string out;
  gsm::append_as_utf8(out, septets);
  return out;
}

}  // namespace

TEST_CASE("hellohello packs into the nine octets of every textbook") {
  CHECK(gsm::packed("hellohello") == from_hex("E8329BFD4697D9EC37"));
  CHECK(gsm::unpacked(from_hex("E8329BFD4697D9EC37")) == "hellohello");
}

TEST_CASE("septets of every length pack and unpack, behind a header too") {
  Random random(5);
  for (std::size_t length = 1; length <= 160; ++length) {
    for (const unsigned fill : {0U, 1U, 6U}) {
      std::string septets;
      for (std::size_t i = 0; i < length; ++i) septets.push_back(static_cast<char>(below(random, 128)));
      if (septets.back() == '\r') septets.back() = 'x';
      const std::string packed = gsm::packed(septets, fill);
      CHECK(packed.size() == (length * 7 + fill + 7) / 8);
      CHECK(gsm::unpacked(packed, fill) == septets);
    }
  }
}

TEST_CASE("no septets are no octets") {
  CHECK(gsm::packed("", 1).empty());
  CHECK(gsm::unpacked("", 1).empty());
}

TEST_CASE("seven bits left over are filled with CR, which is not read as a character") {
  CHECK(gsm::packed("1234567").back() == static_cast<char>(0x0D << 1));
  CHECK(gsm::unpacked(gsm::packed("1234567")) == "1234567");
}

TEST_CASE("text behind a header of 6 octets begins after one fill bit, of 7 octets after none") {
  CHECK(gsm::fill_bits_after(0) == 0);
  CHECK(gsm::fill_bits_after(6) == 1);
  CHECK(gsm::fill_bits_after(7) == 0);
}

TEST_CASE("an escape before a septet without extension shows the default table's character") {
  CHECK(utf8("a\x1B"
             "eb") == "a€b");
  CHECK(utf8("\x1B"
             "A") == "A");
  CHECK(utf8("\x1B\x1B"
             "A") == " A");
  CHECK(utf8("a\x1B") == "a");
  CHECK(utf8("a\xFF"
             "b") == "a\uFFFDb");
}

TEST_CASE("the euro sign and brackets take two septets, a cedilla is only a capital") {
  CHECK(gsm::septets_of(U'€')->count() == 2);
  CHECK(gsm::septets_of(U'[')->count() == 2);
  CHECK(gsm::septets_of(U'Ç')->first == 0x09);
  CHECK_FALSE(gsm::septets_of(U'ç'));
  CHECK_FALSE(gsm::septets_of(U'`'));
  CHECK_FALSE(gsm::septets_of(0));
  CHECK_FALSE(gsm::septets_of(0x1B));
}
