#include "core/texts/locale.h"

#include <doctest/doctest.h>

using namespace xion;

TEST_CASE("a language is one that there is, with a script, a region and variants in their order") {
  for (const auto* tag :
       {"en", "hy", "pt-br", "zh-hant", "zh-hant-tw", "sr-latn-rs", "es-419", "sl-rozaj", "de-1996", "fil"})
    CHECK_MESSAGE(is_language(tag), tag);
  for (const auto* tag : {"", "e", "xx", "qq", "klingon", "zzz", "en-", "-en", "en--us", "en-u", "hy-armenia9x",
                          "en-us-latn", "en-us-gb", "EN", "en us", "n ", " n", "a ab"})
    CHECK_MESSAGE(!is_language(tag), tag);
}

TEST_CASE("an old name of a language is the new one's") {
  for (const auto& [old, now] :
       {std::pair{"iw", "he"}, {"in-ID", "id-id"}, {"ji", "yi"}, {"no_NO", "nb-no"}, {"TL", "fil"}})
    CHECK(xion::normalized_locale(old) == now);
  CHECK(xion::locale_chain("iw-IL", "").back() == "he");
  CHECK(xion::normalized_locale("inh") == "inh");
}
