#include "smpp/message_id.h"

#include <algorithm>

#include "support.h"

using namespace xion::smpp;
using namespace xion::smpp::test;

namespace {

bool has_variant(std::string_view id, std::string_view wanted) {
  const auto variants = message_id_variants(id);
  return std::ranges::find(variants, wanted) != variants.end();
}

}  // namespace

TEST_CASE("a receipt's decimal finds the hexadecimal of the response, and the other way round") {
  CHECK(has_variant("305419896", "12345678"));
  CHECK(has_variant("6699", "1a2b"));
  CHECK(has_variant("6699", "1A2B"));
  CHECK(has_variant("6699", "00001a2b"));
  CHECK(has_variant("6699", "00001A2B"));
  CHECK(has_variant("1A2B", "6699"));
  CHECK(has_variant("00001a2b", "6699"));
  CHECK(has_variant("1a2b", "0000006699"));
}

TEST_CASE("case and leading zeros do not matter") {
  CHECK(has_variant("ABC-def", "abc-def"));
  CHECK(has_variant("ABC-def", "ABC-DEF"));
  CHECK(has_variant("0000001234", "1234"));
  CHECK(has_variant("1234", "0000001234"));
  CHECK(canonical_message_id("00A0") == "a0");
  CHECK(canonical_message_id("000") == "0");
  CHECK(canonical_message_id("") == "");
}

TEST_CASE("numbers longer than 64 bits are converted exactly") {
  CHECK(in_form("340282366920938463463374607431768211455", IdForm::hex_of_decimal) == std::string(32, 'f'));
  CHECK(in_form(std::string(32, 'F'), IdForm::decimal_of_hex) == "340282366920938463463374607431768211455");
  CHECK(in_form("0", IdForm::hex_of_decimal) == "0");
}

TEST_CASE("random numbers of any length survive the way there and back") {
  Random random(8);
  for (int i = 0; i < 500; ++i) {
    std::string decimal(1, static_cast<char>('1' + below(random, 9)));
    for (std::size_t length = below(random, 63); length > 0; --length)
      decimal.push_back(static_cast<char>('0' + below(random, 10)));
    CHECK(in_form(*in_form(decimal, IdForm::hex_of_decimal), IdForm::decimal_of_hex) == decimal);
  }
}

TEST_CASE("what is no number has no number forms") {
  CHECK_FALSE(in_form("6ba7b810-9dad", IdForm::decimal_of_hex));
  CHECK_FALSE(in_form("1a", IdForm::hex_of_decimal));
  CHECK_FALSE(in_form("", IdForm::hex_of_decimal));
  CHECK_FALSE(in_form(std::string(65, '1'), IdForm::hex_of_decimal));
  CHECK_FALSE(in_form("fffffffffff", IdForm::padded_10));
}

TEST_CASE("variants begin with the id itself and hold each spelling once") {
  for (const char* id : {"77", "abc", "ABC-1", "00", "", "deadbeef"}) {
    auto variants = message_id_variants(id);
    CHECK(variants.front() == id);
    std::ranges::sort(variants);
    CHECK(std::ranges::adjacent_find(variants) == variants.end());
  }
}

TEST_CASE("every form has a name of its own") {
  std::vector<std::string_view> names;
  for (const IdForm form : id_forms) names.push_back(id_form_text(form));
  std::ranges::sort(names);
  CHECK(std::ranges::adjacent_find(names) == names.end());
}
