#include <doctest/doctest.h>

#include "core/texts/locale.h"
#include "core/texts/message_template.h"
#include "core/texts/message_text.h"
#include "core/texts/text_lint.h"

using namespace xion;

namespace {

std::string filled(std::string_view pattern, TextVariables variables = {}) {
  const Secret code("123456");
  return render_text({.locale = "en",
                      .country = "",
                      .app_name = "Acme",
                      .app_hash = "",
                      .web_origin = "",
                      .code = code,
                      .pattern = pattern,
                      .minutes = 5,
                      .variables = variables})
      .reveal();
}

bool is_right(std::string_view pattern) { return !lint_text({.pattern = pattern, .app_name = "Acme"}).has_errors(); }

using Tags = std::vector<std::string>;

}  // namespace

TEST_CASE("the places of a pattern are filled, and values open no places") {
  const std::vector<std::pair<std::string, std::string>> values{{"name", "{code}"}};
  CHECK(filled("{code} for {app}, {minutes} min") == "123456 for Acme, 5 min");
  CHECK(filled("{{code}} {name}!", values) == "123456 {code}!");
  CHECK(filled("{code}{other}") == "123456");
  CHECK(filled("} {code} {") == "} 123456 {");
}

TEST_CASE("the retriever's hash and the origin come last, after the app's own text too") {
  const Secret code("123456");
  const Secret text = render_text({.locale = "",
                                   .country = "",
                                   .app_name = "Acme",
                                   .app_hash = "FA+9qCX9VSu",
                                   .web_origin = "acme.example",
                                   .code = code,
                                   .pattern = "{code}"});
  CHECK(text.reveal() == "123456\n\nFA+9qCX9VSu\n\n@acme.example #123456");
}

TEST_CASE("a text without the code, with a stray brace or a wrong place is refused") {
  CHECK(is_right("{code} is yours, {name}"));
  for (const char* wrong : {"", "hello", "{code", "code}", "{code} {}", "{code} {na me}", "{code}\t", "\xFF{code}"}) {
    INFO(wrong);
    CHECK_FALSE(is_right(wrong));
  }
  CHECK_FALSE(is_right("{code}" + std::string(671, 'a')));
}

TEST_CASE("the linter tells encoding, length and cost") {
  const TextLint plain = lint_text({.pattern = "{code} is your code", .app_name = "Acme"});
  CHECK(plain.encoding == "gsm7");
  CHECK(plain.characters == 19);
  CHECK(plain.segments == 1);
  CHECK(plain.left == 141);
  CHECK(plain.findings.empty());
  const TextLint dash = lint_text({.pattern = "{code} \u2014 your code", .app_name = "Acme"});
  CHECK(dash.encoding == "ucs2");
  REQUIRE(dash.findings.size() == 1);
  CHECK_FALSE(dash.findings[0].is_error);
  CHECK(dash.findings[0].text.find("\u2014") != std::string::npos);
  const TextLint long_text = lint_text({.pattern = "{code}" + std::string(155, 'a'), .app_name = "Acme"});
  CHECK(long_text.segments == 2);
  CHECK_FALSE(long_text.has_errors());
  CHECK(lint_text({.pattern = "{code}" + std::string(500, 'a'), .app_name = "Acme", .segments_max = 3}).has_errors());
  CHECK(lint_text({.pattern = "{code} {a} {b} {a} {app}", .app_name = "Acme"}).variables == Tags{"a", "b"});
}

TEST_CASE("a language is looked up from the narrowest tag to the widest") {
  CHECK(locale_chain("pt-BR", "AM") == Tags{"pt-br", "pt"});
  CHECK(locale_chain("zh_TW", "") == Tags{"zh-tw", "zh-hant", "zh"});
  CHECK(locale_chain("zh-Hant-HK", "") == Tags{"zh-hant-hk", "zh-hant", "zh"});
  CHECK(locale_chain("zh-Hans-TW", "") == Tags{"zh-hans-tw", "zh-hans", "zh"});
  CHECK(locale_chain("de-x-formal", "") == Tags{"de-x-formal", "de"});
  CHECK(locale_chain("", "AM") == Tags{"hy"});
  CHECK(locale_chain("", "TW") == Tags{"zh-hant", "zh"});
  CHECK(locale_chain("", "XX") == Tags{"en"});
}

TEST_CASE("every built-in text is right, one part long, and GSM where its script is Latin") {
  for (const std::string_view language : built_in_languages()) {
    INFO(language);
    const TextLint lint = lint_text({.pattern = built_in_pattern(language, "", true), .app_name = "Acme"});
    CHECK_FALSE(lint.has_errors());
    CHECK(lint.segments == 1);
    const bool is_latin = std::string_view("en es fr de pt tr it pl nl id vi ro cs sv uz").contains(language);
    CHECK((lint.encoding == "gsm7") == is_latin);
    CHECK(is_right(built_in_pattern(language, "", false)));
  }
}

TEST_CASE("a template reads back as it was written, and a cut one doesn't") {
  const MessageTemplate text{
      .app = 7, .name = "login", .locale = "pt-br", .text = "{code}", .created_at = WallTime{Millis{5}}};
  const std::string record = to_record(text);
  const auto read = template_from_record(record);
  REQUIRE(read.has_value());
  CHECK(to_record(*read) == record);
  for (std::size_t length = 0; length < record.size(); ++length)
    CHECK_FALSE(template_from_record(record.substr(0, length)));
  MessageTemplate with_tlvs = text;
  with_tlvs.tlvs = {{0x1401, "1107160000000000123"}};
  CHECK(template_from_record(to_record(with_tlvs))->tlvs == with_tlvs.tlvs);
}
