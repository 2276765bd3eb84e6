#include "core/money.h"

#include <doctest/doctest.h>

#include <limits>

#include "core/prices.h"

using namespace xion;

TEST_CASE("money is read to the millionth, and whatever is not exactly money is none") {
  CHECK(read_money("0.035") == 35'000);
  CHECK(read_money("49") == 49'000'000);
  CHECK(read_money("0") == 0);
  CHECK(read_money("0.000001") == 1);
  CHECK(read_money("00.10") == 100'000);
  CHECK(read_money("1000000000") == amount_max);
  for (const auto* text : {"", ".", ".5", "5.", "-1", "+1", "1e3", "0,035", " 1", "1 ", "0.0000001", "1.2.3", "0.-1",
                           "1000000000.000001", "99999999999999999999", "NaN", "€1"}) {
    CAPTURE(text);
    CHECK(read_money(text) == std::nullopt);
  }
  CHECK(read_money("100000", part_price_max) == part_price_max);
  CHECK(read_money("100000.000001", part_price_max) == std::nullopt);
}

TEST_CASE("money is shown with every digit that counts, and reads back as itself") {
  CHECK(shown_money(0) == "0.00");
  CHECK(shown_money(35'000) == "0.035");
  CHECK(shown_money(49'000'000) == "49.00");
  CHECK(shown_money(100'000) == "0.10");
  CHECK(shown_money(-35'000) == "-0.035");
  CHECK(shown_money(std::numeric_limits<Micros>::min()) == "-9223372036854.775808");
  for (Micros amount = 1; amount < amount_max; amount = amount * 7 + 3)
    CHECK(read_money(shown_money(amount)) == amount);
}

TEST_CASE("a currency is three capital letters") {
  CHECK(is_currency("EUR"));
  for (const auto* text : {"", "EU", "EURO", "eur", "E1R"}) CHECK_FALSE(is_currency(text));
}

TEST_CASE("a part costs what the longest beginning of its number says, at the carrier that takes it") {
  const Prices prices{"EUR", {{"a", {{"+", 50}, {"+374", 32}, {"+37477", 1}}}, {"b", {{"+374", 7}}}}};
  CHECK(part_price(prices, "a", "+37477123456") == 1);
  CHECK(part_price(prices, "a", "+37499123456") == 32);
  CHECK(part_price(prices, "a", "+995555123456") == 50);
  CHECK(part_price(prices, "b", "+37499123456") == 7);
  CHECK(part_price(prices, "b", "+995555123456") == 0);
  CHECK(part_price(prices, "c", "+37499123456") == 0);
}
