#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/texts/stop_words.h"

using namespace xion;

TEST_CASE("who says stop, in any case and language and with courtesy, is heard") {
  for (const char* text : {"STOP", "stop", " Stop! ", "Stop, please.", "STOP ALL", "стоп", "СТОП!", "Arrêt",
                           "arret svp", "ստոպ", "İptal", "توقف", "退订", "«Стоп»"}) {
    CAPTURE(text);
    CHECK(is_stop_request(text));
  }
}

TEST_CASE("a sentence that has the word in it, another word and an empty text are no request") {
  for (const char* text : {"don't stop", "I did not ask for this code, stop it now or else", "STOP123", "stopped",
                           "please", "", "123456", "id:1 stat:STOP", "\xFF\xFE"}) {
    CAPTURE(text);
    CHECK_FALSE(is_stop_request(text));
  }
}

TEST_CASE("an operator's own words are heard too") {
  const std::vector<std::string> more{"NoMore"};
  CHECK(is_stop_request("nomore", more));
  CHECK_FALSE(is_stop_request("nomore"));
}

TEST_CASE("START takes it back, alone or with courtesy, and nothing else does") {
  for (const char* text : {"START", "start", "Unstop!", "start, please", "СТАРТ", "début"}) {
    CAPTURE(text);
    CHECK(is_start_request(text));
    CHECK_FALSE(is_stop_request(text));
  }
  for (const char* text : {"don't start", "please", "", "START123", "STOP", "start stop"})
    CHECK_FALSE(is_start_request(text));
}
