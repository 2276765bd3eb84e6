// Our GSM 03.38 tables against ICU's converter gsm-03.38-2009, for every code point of the BMP and every septet.
#include <doctest/doctest.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/utf8.h"
#include "smpp/gsm.h"

using namespace xion;
using namespace xion::smpp;

namespace {

struct Close {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, Close>;

/// A converter that says what it cannot convert instead of replacing it.
Converter gsm_converter() {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open("gsm-03.38-2009", &error));
  REQUIRE(U_SUCCESS(error));
  ucnv_setFallback(converter.get(), false);
  ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  REQUIRE(U_SUCCESS(error));
  return converter;
}

std::optional<std::string> septets_by_icu(UConverter* converter, char16_t character) {
  char octets[8];
  UErrorCode error = U_ZERO_ERROR;
  const auto length =
      ucnv_fromUChars(converter, octets, sizeof octets, reinterpret_cast<const UChar*>(&character), 1, &error);
  if (U_FAILURE(error) || length == 0) return std::nullopt;
  return std::string(octets, static_cast<std::size_t>(length));
}

std::optional<std::u16string> text_by_icu(UConverter* converter, const std::string& octets) {
  UChar text[8];
  UErrorCode error = U_ZERO_ERROR;
  const auto length =
      ucnv_toUChars(converter, text, 8, octets.data(), static_cast<std::int32_t>(octets.size()), &error);
  if (U_FAILURE(error)) return std::nullopt;
  return std::u16string(text, static_cast<std::size_t>(length));
}

std::optional<std::string> septets_by_us(char16_t character) {
  const auto septets = gsm::septets_of(character);
  if (!septets) return std::nullopt;
  std::string octets(1, static_cast<char>(septets->first));
  if (septets->second) octets.push_back(static_cast<char>(*septets->second));
  return octets;
}

std::string utf8_by_us(const std::string& octets) {
  std::string out;
  gsm::append_as_utf8(out, octets);
  return out;
}

}  // namespace

TEST_CASE("every code point of the BMP has the septets that ICU gives it, or none in both") {
  const Converter converter = gsm_converter();
  int in_alphabet = 0;
  for (char32_t code_point = 0; code_point < 0x10000; ++code_point) {
    if (code_point >= 0xD800 && code_point < 0xE000) continue;
    const auto character = static_cast<char16_t>(code_point);
    const auto ours = septets_by_us(character);
    const auto theirs = septets_by_icu(converter.get(), character);
    if (ours == theirs) {
      in_alphabet += ours.has_value();
      continue;
    }
    CAPTURE(static_cast<unsigned>(code_point));
    CHECK(ours == theirs);
  }
  CHECK(in_alphabet == 127 + 10);
}

TEST_CASE("every septet and every escaped septet reads as ICU reads it") {
  const Converter converter = gsm_converter();
  for (int value = 0; value < 128; ++value) {
    if (value == gsm::escape) continue;
    const std::string plain(1, static_cast<char>(value));
    const std::string escaped = std::string(1, static_cast<char>(gsm::escape)) + plain;
    CAPTURE(value);
    for (const std::string& octets : {plain, escaped}) {
      const auto theirs = text_by_icu(converter.get(), octets);
      if (!theirs || theirs->size() != 1) continue;  // ICU refuses escapes that are not assigned
      std::string wanted;
      append_utf8(wanted, (*theirs)[0]);
      CHECK(utf8_by_us(octets) == wanted);
    }
  }
}
