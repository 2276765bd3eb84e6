#include "core/texts/message_text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>

#include "smpp/text.h"

using namespace xion;

namespace {

const Secret code("123456");

std::string text(std::string_view locale, std::string_view country = "", std::string_view app = "Acme",
                 std::string_view hash = "", std::string_view origin = "") {
  return render_text({locale, country, app, hash, origin, code}).reveal();
}

const auto languages = built_in_languages();
/// Those of them that are written in Latin letters.
constexpr std::string_view latin[] = {"en", "es", "fr", "de", "pt", "tr", "it", "pl",
                                      "nl", "id", "vi", "ro", "cs", "sv", "uz"};

}  // namespace

TEST_CASE("there are texts in thirty languages, Chinese in both scripts") { CHECK(languages.size() == 31); }

TEST_CASE("the text names the code first and the app") {
  CHECK(text("en") == "123456 is your Acme code. Don't share it.");
}

TEST_CASE("an app without a name is left out of the text") {
  CHECK(text("en", "", "") == "123456 is your code. Don't share it.");
  for (const auto language : languages) {
    CHECK(text(language, "", "").find("  ") == std::string::npos);
    CHECK(text(language, "", "").find('%') == std::string::npos);
  }
}

TEST_CASE("every language has the code, the name and a text of its own") {
  for (const auto language : languages) {
    CAPTURE(language);
    CHECK(text(language).starts_with("123456"));
    CHECK(text(language).find("Acme") != std::string::npos);
    if (language != "en") CHECK(text(language) != text("en"));
  }
}

TEST_CASE("every language's text is one segment, in GSM 03.38 where its script is Latin") {
  constexpr std::string_view name_of_20 = "A name of 20 letters";
  for (const auto language : languages) {
    CAPTURE(language);
    const auto encoded =
        smpp::encode_text(text(language, "", name_of_20), smpp::Alphabet::gsm7, smpp::Concat::udh8, 0, false);
    CHECK(encoded.segments.size() == 1);
    const bool is_latin = std::ranges::find(latin, language) != std::end(latin);
    CHECK((encoded.alphabet == smpp::Alphabet::gsm7) == is_latin);
  }
}

TEST_CASE("a region or another case changes nothing of the language") {
  CHECK(text("pt-BR") == text("pt"));
  CHECK(text("DE-at") == text("de"));
  CHECK(text("es_MX") == text("es"));
}

TEST_CASE("Chinese is written as its readers write it") {
  CHECK(text("zh-TW") == text("zh-Hant"));
  CHECK(text("zh-Hant-HK") == text("zh-Hant"));
  CHECK(text("zh-Hans-HK") == text("zh"));
  CHECK(text("", "CN") == text("zh"));
  CHECK(text("", "TW") == text("zh-Hant"));
}

TEST_CASE("a language that we don't have is English, whatever the country") {
  CHECK(text("tlh", "AM") == text("en"));
  CHECK(text("x") == text("en"));
}

TEST_CASE("without a locale the country chooses the language") {
  CHECK(text("", "AM") == text("hy"));
  CHECK(text("", "UA") == text("uk"));
  CHECK(text("", "EG") == text("ar"));
  CHECK(text("", "MX") == text("es"));
  CHECK(text("", "IN") == text("en"));
  CHECK(text("", "") == text("en"));
  CHECK(text("", " ") == text("en"));
}

TEST_CASE("the Android hash stands alone on the last line") {
  CHECK(text("en", "", "Acme", "FA+9qCX9VSu").ends_with(".\n\nFA+9qCX9VSu"));
}

TEST_CASE("the origin line comes last, with host and code") {
  CHECK(text("en", "", "Acme", "", "acme.example").ends_with(".\n\n@acme.example #123456"));
  CHECK(text("en", "", "Acme", "", "https://acme.example").ends_with("\n\n@acme.example #123456"));
  CHECK(text("en", "", "Acme", "FA+9qCX9VSu", "acme.example").ends_with("\n\nFA+9qCX9VSu\n\n@acme.example #123456"));
}

TEST_CASE("a name with a percent sign is only a name") {
  CHECK(text("en", "", "100%c").find("your 100%c code") != std::string::npos);
}
