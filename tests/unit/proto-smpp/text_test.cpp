#include "smpp/text.h"

#include "base/utf8.h"
#include "smpp/gsm.h"
#include "support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;
using namespace std::string_literals;

namespace {

EncodedText encode(std::string_view text, Alphabet alphabet = Alphabet::gsm7, Concat concat = Concat::udh8,
                   bool transliterate = false) {
  return encode_text(text, alphabet, concat, 0x1234, transliterate);
}
std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// The text that a phone would show for all segments together.
std::string shown(const EncodedText& encoded) {
  std::string out;
  for (const Segment& segment : encoded.segments) {
    const Tlv* payload = find_tlv(segment.tlvs, tag::message_payload);
    const std::string_view octets =
        payload != nullptr ? std::string_view(payload->value) : std::string_view(segment.short_message);
    const std::string_view text = octets.substr(segment.udh_octets);
    if (encoded.alphabet == Alphabet::gsm7packed) {
      gsm::append_as_utf8(out, gsm::unpacked(text, gsm::fill_bits_after(segment.udh_octets)));
    } else {
      out += decode_text(text, encoded.data_coding, encoded.alphabet);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a text that fits the carrier's alphabet is sent in it, with data_coding 0") {
  for (const auto alphabet : {Alphabet::gsm7, Alphabet::gsm7packed, Alphabet::latin1, Alphabet::ascii}) {
    const auto encoded = encode("123456 is your code", alphabet);
    CHECK(encoded.data_coding == 0);
    CHECK(encoded.alphabet == alphabet);
    REQUIRE(encoded.segments.size() == 1);
    CHECK(encoded.segments[0].udh_octets == 0);
    CHECK(shown(encoded) == "123456 is your code");
  }
}

TEST_CASE("the at sign is octet 0 in GSM and 0x40 elsewhere") {
  CHECK(encode("@").segments[0].short_message == "\0"s);
  CHECK(encode("@", Alphabet::latin1).segments[0].short_message == "@");
}

TEST_CASE("one character outside the alphabet sends all of it as UTF-16BE with data_coding 8") {
  const auto encoded = encode("Код 12");
  CHECK(encoded.data_coding == 8);
  CHECK(encoded.segments[0].short_message == from_hex("041A 043E 0434 0020 0031 0032"));
  CHECK(encode("é", Alphabet::ascii).data_coding == 8);
  CHECK(encode("é", Alphabet::latin1).segments[0].short_message == "\xE9");
  CHECK(encode("ш", Alphabet::latin1).data_coding == 8);
}

TEST_CASE("the limits are 160 and 153 septets, 152 with the longer reference and with SAR") {
  CHECK(encode(std::string(160, 'x')).segments.size() == 1);
  CHECK(encode(std::string(161, 'x')).segments.size() == 2);
  CHECK(encode(std::string(306, 'x')).segments.size() == 2);
  CHECK(encode(std::string(307, 'x')).segments.size() == 3);
  for (const auto concat : {Concat::udh16, Concat::sar}) {
    CHECK(encode(std::string(304, 'x'), Alphabet::gsm7, concat).segments.size() == 2);
    CHECK(encode(std::string(305, 'x'), Alphabet::gsm7, concat).segments.size() == 3);
  }
}

TEST_CASE("the limits in UCS-2 are 70 and 67 units, 66 with the longer reference and with SAR") {
  CHECK(encode(repeated("ш", 70)).segments.size() == 1);
  CHECK(encode(repeated("ш", 71)).segments.size() == 2);
  CHECK(encode(repeated("ш", 134)).segments.size() == 2);
  CHECK(encode(repeated("ш", 135)).segments.size() == 3);
  CHECK(encode(repeated("ш", 132), Alphabet::gsm7, Concat::udh16).segments.size() == 2);
  CHECK(encode(repeated("ш", 133), Alphabet::gsm7, Concat::sar).segments.size() == 3);
}

TEST_CASE("an extended character counts two septets and is never split from its escape") {
  CHECK(encode(repeated("€", 80)).segments.size() == 1);
  CHECK(encode(repeated("€", 81)).segments.size() == 2);
  const auto encoded = encode(std::string(152, 'x') + "€" + std::string(20, 'y'));
  REQUIRE(encoded.segments.size() == 2);
  CHECK(encoded.segments[0].short_message.substr(6) == std::string(152, 'x'));
  CHECK(encoded.segments[1].short_message.substr(6, 2) == "\x1B\x65");
}

TEST_CASE("in ASCII and Latin-1 a bracket counts as the two septets that the SMSC makes of it") {
  CHECK(encode(repeated("[", 80), Alphabet::ascii).segments.size() == 1);
  CHECK(encode(repeated("[", 81), Alphabet::ascii).segments.size() == 2);
}

TEST_CASE("a surrogate pair is never split") {
  const auto encoded = encode(repeated("ш", 66) + "😀" + repeated("ш", 10));
  REQUIRE(encoded.segments.size() == 2);
  CHECK(encoded.segments[0].short_message.size() == 6 + 66 * 2);
  CHECK(encoded.segments[1].short_message.substr(6, 4) == from_hex("D83D DE00"));
}

TEST_CASE("the parts carry an 8-bit or a 16-bit reference, their count and their number") {
  auto encoded = encode(std::string(161, 'x'));
  CHECK(encoded.segments[0].udh_octets == 6);
  CHECK(encoded.segments[0].short_message.substr(0, 6) == from_hex("05 00 03 34 02 01"));
  CHECK(encoded.segments[1].short_message.substr(0, 6) == from_hex("05 00 03 34 02 02"));
  encoded = encode(std::string(161, 'x'), Alphabet::gsm7, Concat::udh16);
  CHECK(encoded.segments[0].udh_octets == 7);
  CHECK(encoded.segments[1].short_message.substr(0, 7) == from_hex("06 08 04 12 34 02 02"));
}

TEST_CASE("SAR parts carry three TLVs and no header") {
  const auto encoded = encode(std::string(161, 'x'), Alphabet::gsm7, Concat::sar);
  CHECK(encoded.segments[1].udh_octets == 0);
  CHECK(encoded.segments[1].tlvs == std::vector<Tlv>{{tag::sar_msg_ref_num, "\x12\x34"},
                                                     {tag::sar_total_segments, "\2"},
                                                     {tag::sar_segment_seqnum, "\2"}});
}

TEST_CASE("message_payload carries a long text whole, and a short one stays in short_message") {
  const auto encoded = encode(std::string(500, 'x'), Alphabet::gsm7, Concat::payload);
  REQUIRE(encoded.segments.size() == 1);
  CHECK(encoded.segments[0].short_message.empty());
  CHECK(encoded.segments[0].tlvs == std::vector<Tlv>{{tag::message_payload, std::string(500, 'x')}});
  CHECK(encode("short", Alphabet::gsm7, Concat::payload).segments[0].short_message == "short");
}

TEST_CASE("packed parts put the text behind one fill bit and fill 140 octets") {
  const auto encoded = encode(std::string(306, 'x'), Alphabet::gsm7packed);
  REQUIRE(encoded.segments.size() == 2);
  for (const Segment& segment : encoded.segments) CHECK(segment.short_message.size() == 140);
  CHECK(shown(encoded) == std::string(306, 'x'));
  CHECK(encode(std::string(160, 'x'), Alphabet::gsm7packed).segments[0].short_message.size() == 140);
}

TEST_CASE("a text of more than 255 parts has no segments") {
  CHECK(encode(std::string(255 * 153, 'x')).segments.size() == 255);
  CHECK(encode(std::string(255 * 153 + 1, 'x')).segments.empty());
  CHECK(encode(std::string(255 * 160 + 1, 'x'), Alphabet::gsm7, Concat::payload).segments.empty());
}

TEST_CASE("an empty text is one empty segment") {
  REQUIRE(encode("").segments.size() == 1);
  CHECK(encode("").segments[0].short_message.empty());
}

TEST_CASE("typographic punctuation becomes ASCII where that saves the text from UCS-2") {
  const std::string text = "“Hi” – it’s 12…";
  CHECK(encode(text).data_coding == 8);
  const auto encoded = encode(text, Alphabet::gsm7, Concat::udh8, true);
  CHECK(encoded.data_coding == 0);
  CHECK(shown(encoded) == "\"Hi\" - it's 12...");
}

TEST_CASE("where UCS-2 is needed anyway, the punctuation stays as it was written") {
  const auto encoded = encode("“Код”", Alphabet::gsm7, Concat::udh8, true);
  CHECK(encoded.data_coding == 8);
  CHECK(shown(encoded) == "“Код”");
}

TEST_CASE("ill-formed UTF-8 shows as the replacement character") { CHECK(shown(encode("a\xFFz")) == "a\uFFFDz"); }

TEST_CASE("text is read by its data_coding, and the groups of the air interface are known") {
  CHECK(decode_text("\0\x11"s, 0, Alphabet::gsm7) == "@_");
  CHECK(decode_text("@_", 0, Alphabet::ascii) == "@_");
  CHECK(decode_text("a\x80", 1, Alphabet::gsm7) == "a\uFFFD");
  CHECK(decode_text("\xE9", 3, Alphabet::gsm7) == "é");
  CHECK(decode_text(from_hex("0416 D83DDE00"), 8, Alphabet::gsm7) == "Ж😀");
  CHECK(decode_text("\0"s, 0xF0, Alphabet::gsm7) == "@");
  CHECK(decode_text("\xE9", 0xF5, Alphabet::gsm7) == "é");
  CHECK(decode_text(from_hex("0416"), 0x18, Alphabet::gsm7) == "Ж");
  CHECK(decode_text(gsm::packed("hello"), 0, Alphabet::gsm7packed) == "hello");
}

TEST_CASE("half a character of UCS-2 shows as the replacement character") {
  CHECK(decode_text(from_hex("0416 04"), 8, Alphabet::gsm7) == "Ж\uFFFD");
  CHECK(decode_text(from_hex("D83D 0041"), 8, Alphabet::gsm7) == "\uFFFDA");
  CHECK(decode_text(from_hex("DE00 D83D"), 8, Alphabet::gsm7) == "\uFFFD\uFFFD");
}

TEST_CASE("random texts come back whole from every alphabet and every way of concatenation") {
  Random random(21);
  const std::u32string few = U"abc @$[]€_é\n";
  const std::u32string many = U"aé€шЖ😀[]漢";
  for (int i = 0; i < 3'000; ++i) {
    const auto alphabet = static_cast<Alphabet>(below(random, 5));
    const auto concat = static_cast<Concat>(below(random, 4));
    const auto& from = below(random, 2) == 0 ? few : many;
    std::string text;
    for (std::size_t length = below(random, 700); length > 0; --length)
      append_utf8(text, from[below(random, from.size())]);
    const auto encoded = encode(text, alphabet, concat);
    REQUIRE(shown(encoded) == text);
    const std::size_t limit =
        encoded.alphabet == Alphabet::gsm7packed || encoded.alphabet == Alphabet::ucs2 ? 140 : 160;
    for (const Segment& segment : encoded.segments) REQUIRE(segment.short_message.size() <= limit);
  }
}
