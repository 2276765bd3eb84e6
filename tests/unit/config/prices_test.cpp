#include <doctest/doctest.h>

#include "unit/config/scratch_folder.h"

using namespace xion;
using namespace xion::test;

namespace {

constexpr std::string_view currency = "[billing]\ncurrency = \"EUR\"\n";
/// One carrier, so that lists of prices may name it.
std::string priced(const std::string& prices) {
  return std::string(currency) + prices + carrier_named("a") + "[[route]]\ncarriers = [\"a\"]\n";
}

}  // namespace

TEST_CASE("prices are read exactly, by carrier and beginning of the number") {
  const ScratchFolder folder;
  const auto loaded =
      folder.load(priced("[prices.a]\ndefault = \"0.05\"\n\"+374\" = \"0.032\"\n\"+1\" = 2\n"
                         "[plans.starter]\nprice_per_month = \"49.90\"\nspend_per_day = 20\n"));
  CHECK(folder.complaints(loaded).empty());
  const Prices& prices = loaded.settings.prices;
  CHECK(prices.currency == "EUR");
  CHECK(part_price(prices, "a", "+37499123456") == 32'000);
  CHECK(part_price(prices, "a", "+12025550123") == 2'000'000);
  CHECK(part_price(prices, "a", "+995555123456") == 50'000);
  CHECK(loaded.settings.plans.at("starter").price_per_month == 49'900'000);
  CHECK(loaded.settings.plans.at("starter").spend_per_day == 20'000'000);
}

TEST_CASE("a price that is not exact, or that holds for nobody, is told with what would be right") {
  const ScratchFolder folder;
  const auto complaint = [&](const std::string& text) {
    const auto found = folder.complaints(text);
    std::string all;
    for (const std::string& each : found) all += each + "\n";
    return all;
  };
  const auto says = [](const std::string& text, std::string_view part) {
    CAPTURE(text);
    return text.find(part) != std::string::npos;
  };
  CHECK(says(complaint(priced("[prices.a]\ndefault = 0.05\n")), "written in quotes, so that it is exact: \"0.05\""));
  CHECK(says(complaint(priced("[prices.a]\ndefault = \"0,05\"\n")), "decimals stand behind a point"));
  CHECK(says(complaint(priced("[prices.a]\ndefault = \"0.05 EUR\"\n")), "the currency is [billing] currency"));
  CHECK(says(complaint(priced("[prices.a]\ndefault = -1\n")), "expected an amount"));
  CHECK(says(complaint(priced("[prices.a]\ndefault = \"1\"\n374 = \"1\"\n")), "did you mean \"+374\"?"));
  CHECK(says(complaint(priced("[prices.b]\ndefault = \"1\"\n")), "no carrier of that name"));
  CHECK(says(complaint(priced("[prices.a]\n\"+374\" = \"1\"\n")), "no default"));
  CHECK(says(complaint(priced("prices = 1\n")), "billing.prices: unknown key"));
  CHECK(says(complaint("[prices.a]\ndefault = \"1\"\n" + carrier_named("a") + "[[route]]\ncarriers = [\"a\"]\n"),
             "without [billing] currency"));
  CHECK(says(complaint("[plans.starter]\nspend_per_day = 1\n" + carrier_named("a") + "[[route]]\ncarriers = [\"a\"]\n"),
             "plans.starter.spend_per_day without [billing] currency"));
  CHECK(says(complaint("[billing]\ncurrency = \"eur\"\n" + carrier_named("a") + "[[route]]\ncarriers = [\"a\"]\n"),
             "\"EUR\""));
}
