#include "core/texts/submit_tlvs.h"

#include <doctest/doctest.h>

#include "core/tlv_text.h"

using namespace xion;
using smpp::Tlv;

namespace {

CarrierSettings carrier() {
  CarrierSettings settings;
  settings.sender = "XionID";
  settings.tlvs = {{0x1400, "carrier"}, {0x1402, "carrier"}, {0x1403, "carrier"}};
  settings.sender_rules = {{.prefix = "", .country = "IN", .sender = "XIONIN", .ton = {}, .npi = {}},
                           {.prefix = "", .country = "IN", .sender = "MYBANK", .ton = {}, .npi = {}}};
  settings.sender_rules[0].tlvs = {{0x1400, "sender"}, {0x1401, "sender"}};
  settings.sender_rules[1].tlvs = {{0x1400, "bank"}};
  return settings;
}

/// "1400:sender=sender 1402:carrier=carrier …"
std::string told(std::string_view asked, std::string_view e164, std::string_view country,
                 const std::vector<Tlv>& of_template = {}) {
  std::string text;
  for (const SubmitTlv& each : submit_tlvs(carrier(), of_template, {asked, e164, country})) {
    if (!text.empty()) text.push_back(' ');
    text.append(shown_tlv_tag(each.tlv.tag).substr(2)).append(":").append(to_string(each.origin));
    text.append("=").append(each.tlv.value);
  }
  return text;
}

}  // namespace

TEST_CASE("of TLVs with the same tag the template's goes, then the sender's, then the carrier's") {
  CHECK(told("", "+447700900123", "GB") == "1400:carrier=carrier 1402:carrier=carrier 1403:carrier=carrier");
  CHECK(told("", "+919123456789", "IN") ==
        "1400:sender=sender 1401:sender=sender 1402:carrier=carrier 1403:carrier=carrier");
  CHECK(told("", "+919123456789", "IN", {{0x1401, "text"}, {0x1402, "text"}}) ==
        "1400:sender=sender 1401:template=text 1402:template=text 1403:carrier=carrier");
}

TEST_CASE("a sender that a request names has the TLVs of its own rule, not those of another's") {
  CHECK(told("MYBANK", "+919123456789", "IN") == "1400:sender=bank 1402:carrier=carrier 1403:carrier=carrier");
  CHECK(told("OTHER", "+919123456789", "IN") == "1400:carrier=carrier 1402:carrier=carrier 1403:carrier=carrier");
  CHECK(told("MYBANK", "+447700900123", "GB") == "1400:carrier=carrier 1402:carrier=carrier 1403:carrier=carrier");
}

TEST_CASE("a TLV is written as people write it, and read again") {
  CHECK(read_tlv_tag("0x1401") == 0x1401);
  CHECK(read_tlv_tag("5121") == 0x1401);
  for (const char* text : {"", "0", "0x0", "0x", "65536", "0x10000", "-1", "14 01", "x1401"}) {
    CAPTURE(text);
    CHECK_FALSE(read_tlv_tag(text));
  }
  CHECK(read_tlv_value("1107160000000000123") == "1107160000000000123");
  CHECK(read_tlv_value("hex:0A0b") == "\x0A\x0B");
  CHECK(read_tlv_value("") == "");
  for (const std::string& text : {std::string("hex:0"), std::string("hex:0G"), std::string("caf\xC3\xA9"),
                                  std::string(256, '1'), "hex:" + std::string(512, '0')}) {
    CAPTURE(text);
    CHECK_FALSE(read_tlv_value(text));
  }
  CHECK(shown_tlv_tag(0x14) == "0x0014");
  for (const std::string& octets :
       {std::string("plain"), std::string("\x00\x01", 2), std::string("hex:no"), std::string()})
    CHECK(read_tlv_value(shown_tlv_value(octets)) == octets);
}

TEST_CASE("TLVs that the codec sets itself, or that belong to receipts, can't be added") {
  const auto worst = [](std::uint16_t tag, std::string value) {
    const auto findings = lint_tlv({tag, std::move(value)});
    return findings.empty() ? "right" : findings.front().is_error ? "error" : "warning";
  };
  constexpr std::uint16_t refused[] = {0x020C, 0x020E, 0x020F, 0x0424, 0x001E, 0x0427, 0x0423, 0x0210};
  for (const std::uint16_t tag : refused) {
    CAPTURE(tag);
    CHECK(std::string(worst(tag, "1")) == "error");
  }
  CHECK(std::string(worst(0x1400, "1101234567890123456")) == "right");
  CHECK(std::string(worst(0x1401, "1107")) == "warning");
  CHECK(std::string(worst(0x1401, "11071600000000OO123")) == "warning");
  CHECK(std::string(worst(0x1402, "anything")) == "right");
  CHECK(std::string(worst(0x1402, "")) == "warning");
  CHECK(std::string(worst(0x0017, "1")) == "right");
}

TEST_CASE("a list of TLVs comes back from its record") {
  const std::vector<Tlv> tlvs{{0x1400, "1101234567890123456"}, {0x3FFF, std::string("\0\xFF", 2)}};
  std::string record;
  OctetWriter out(record);
  write_tlvs(out, tlvs);
  OctetReader in(record);
  CHECK(read_tlvs(in) == tlvs);
  CHECK(in.at_end());
  OctetReader cut(std::string_view(record).substr(0, record.size() - 1));
  read_tlvs(cut);
  CHECK(cut.failed());
}
