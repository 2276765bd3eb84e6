#include "core/ids.h"

#include <doctest/doctest.h>

using namespace xion;

namespace {
constexpr WallTime a_noon{Millis{1'770'897'600'000}};
constexpr std::array<std::uint8_t, 5> ones{0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
constexpr std::array<std::uint8_t, 5> zeros{};
}  // namespace

TEST_CASE("an id tells when it was made, to the millisecond") {
  for (const std::int64_t offset : {0, 1, 2, 999, 86'400'001}) {
    CHECK(made_at(make_otp_id(a_noon + Millis{offset}, ones)) == a_noon + Millis{offset});
    CHECK(made_at(make_otp_id(a_noon + Millis{offset}, zeros)) == a_noon + Millis{offset});
  }
}

TEST_CASE("a later id sorts behind an earlier one, whatever its random part") {
  for (std::int64_t ms = 0; ms < 5; ++ms) {
    const OtpId earlier = make_otp_id(a_noon + Millis{ms}, ones);
    const OtpId later = make_otp_id(a_noon + Millis{ms + 1}, zeros);
    CHECK(earlier < later);
    CHECK(to_string(earlier) < to_string(later));
  }
}

TEST_CASE("ids of one millisecond differ by 39 random bits") {
  for (std::size_t bit = 0; bit < 40; ++bit) {
    auto random = zeros;
    random[bit / 8] = static_cast<std::uint8_t>(0x80 >> bit % 8);
    // The first bit gave way to the moment's last.
    CHECK((make_otp_id(a_noon, random) != make_otp_id(a_noon, zeros)) == (bit != 0));
  }
}

TEST_CASE("the first id at a moment is not above any made then, and above all made before") {
  CHECK(first_otp_id_at(a_noon) <= make_otp_id(a_noon, zeros));
  CHECK(first_otp_id_at(a_noon) > make_otp_id(a_noon - Millis{1}, ones));
}

TEST_CASE("moments before 2020 and after 2089 are held at the ends") {
  CHECK(first_otp_id_at(WallTime{}) == OtpId{});
  CHECK(made_at(make_otp_id(wall_time(1LL << 60), ones)) > a_noon);
}

TEST_CASE("an id is written with its prefix and read in any case") {
  const OtpId id = make_otp_id(a_noon, {ones});
  const std::string text = to_string(id);
  CHECK(text.size() == 20);
  CHECK(text.starts_with("OTP-"));
  CHECK(parse_otp_id(text) == id);
  std::string lower = text;
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  CHECK(parse_otp_id(lower) == id);
}

TEST_CASE("what is no id is not read as one") {
  CHECK_FALSE(parse_otp_id(""));
  CHECK_FALSE(parse_otp_id("OTP-24F19A"));
  CHECK_FALSE(parse_otp_id("OTP-0123456789ABCDEFG"));
  CHECK_FALSE(parse_otp_id("OTX-0123456789ABCDEF"));
  CHECK_FALSE(parse_otp_id("OTP-0123456789ABCDEU"));
}

TEST_CASE("an id tells the slot of its phone, and else stays as it was") {
  const OtpId id = make_otp_id(a_noon, std::array<std::uint8_t, 5>{0x12, 0x34, 0x56, 0x78, 0x9A});
  for (const Slot slot : {Slot{0}, Slot{1}, Slot{0x155}, Slot{1023}}) {
    const OtpId moved = in_slot(id, slot);
    CHECK(slot_of(moved) == slot);
    CHECK(made_at(moved) == made_at(id));
    CHECK(in_slot(moved, slot_of(id)) == id);
    // 29 random bits stay.
    CHECK(std::equal(moved.octets.begin() + 7, moved.octets.end(), id.octets.begin() + 7));
    CHECK((moved.octets[6] & 0x1F) == (id.octets[6] & 0x1F));
  }
  CHECK(slot_of(Fingerprint{0xFF, 0xFF}) == 1023);
  CHECK(slot_of(Fingerprint{0x01, 0x02}) == 0x102);
}
