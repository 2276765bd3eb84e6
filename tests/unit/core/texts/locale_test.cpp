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
