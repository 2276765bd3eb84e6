#include "core/receipt_pattern.h"

#include <doctest/doctest.h>

#include <string>

using namespace xion;

TEST_CASE("a pattern's named groups are the receipt's fields") {
  const auto pattern = ReceiptPattern::compile("^(?P<id>[^,]+),(?P<stat>[A-Z]+)(,(?P<err>[0-9]+))?");
  REQUIRE(pattern.has_value());
  const auto fields = (*pattern->reader())("77,DELIVRD,031");
  REQUIRE(fields.has_value());
  CHECK(fields->id == "77");
  CHECK(fields->stat == "DELIVRD");
  CHECK(fields->err == "031");
  CHECK((*pattern->reader())("77,DELIVRD")->err == "");
  CHECK_FALSE((*pattern->reader())("id:77 stat:DELIVRD").has_value());
}

TEST_CASE("what is no pattern, or names no field, is refused with the reason") {
  CHECK(ReceiptPattern::compile("(?P<id>[").error().starts_with("no regular expression: "));
  CHECK(ReceiptPattern::compile("(?P<message>.*)").error() ==
        "a group is called `message`; expected id, stat, err or done");
  CHECK(ReceiptPattern::compile("id:(.*)").error() == "expected a group (?P<id>…) or (?P<stat>…)");
  CHECK(ReceiptPattern::compile("(?P<err>.*)").error() == "expected a group (?P<id>…) or (?P<stat>…)");
  CHECK(ReceiptPattern::compile("(?P<id>(a+)+$)").has_value());
}

TEST_CASE("no pattern reads nothing, and patterns are alike where their texts are") {
  CHECK(ReceiptPattern::compile("")->reader() == nullptr);
  CHECK(*ReceiptPattern::compile("(?P<id>a)") == *ReceiptPattern::compile("(?P<id>a)"));
  CHECK_FALSE(*ReceiptPattern::compile("(?P<id>a)") == ReceiptPattern());
}

TEST_CASE("an expression that would take others for ever takes its time in proportion to the text") {
  const auto pattern = ReceiptPattern::compile("^(?P<id>(a|aa|aaa)*)b$");
  CHECK_FALSE((*pattern->reader())(std::string(60'000, 'a')).has_value());
}
