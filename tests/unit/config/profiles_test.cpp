#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "config/profiles.h"
#include "scratch_folder.h"

using namespace xion;
using test::carrier_named;
using test::ScratchFolder;
using Lines = std::vector<std::string>;

TEST_CASE("a carrier has the quirks of its profile, and its own keys win") {
  const ScratchFolder folder;
  const auto loaded = folder.load(carrier_named("a") + "profile = \"clicksend\"\nwindow = 7\n");
  CHECK(folder.complaints(loaded).empty());
  const CarrierSettings& carrier = loaded.settings.carriers.at(0);
  CHECK(carrier.profile == "clicksend");
  CHECK(carrier.binds == 2);
  CHECK(carrier.dest_npi == 0);
  CHECK(carrier.enquire_link == Millis{30'000});
  CHECK(carrier.window == 7);
}

TEST_CASE("a sender's numbering follows from the sender where the profile doesn't say it") {
  const ScratchFolder folder;
  const auto ton = [&](const std::string& keys) {
    return int{folder.load(carrier_named("a") + "sender = \"XionID\"\n" + keys).settings.carriers.at(0).source_ton};
  };
  CHECK(ton("profile = \"jasmin\"\n") == 5);
  CHECK(ton("profile = \"smsportal\"\n") == 0);
  CHECK(ton("profile = \"smsportal\"\nsource_ton = 1\n") == 1);
}

TEST_CASE("profiles of one's own stand in the configuration, and one of a shipped name replaces it") {
  const ScratchFolder folder;
  const std::string profiles =
      "\n[profiles.mine]\nreceipt_id = \"hex\"\nreceipt_states = { GONE = \"undelivered\" }\n"
      "[profiles.jasmin]\nwindow = 3\n";
  const auto loaded = folder.load(carrier_named("a") + "profile = \"mine\"\n" + carrier_named("b") +
                                  "profile = \"jasmin\"\n" + profiles);
  CHECK(folder.complaints(loaded).empty());
  CHECK(loaded.settings.carriers.at(0).receipt_id == smpp::IdBase::hexadecimal);
  CHECK(loaded.settings.carriers.at(0).receipt_states.contains("GONE"));
  CHECK(loaded.settings.carriers.at(1).window == 3);
  CHECK_FALSE(loaded.settings.carriers.at(1).receipt_id);
}

TEST_CASE("a profile may stand in another file than the carrier that names it") {
  const ScratchFolder folder;
  folder.write("z.toml", "[profiles.mine]\nwindow = 3\n");
  const auto loaded = folder.load("include = [\"z.toml\"]\n" + carrier_named("a") + "profile = \"mine\"\n");
  CHECK(folder.complaints(loaded).empty());
  CHECK(loaded.settings.carriers.at(0).window == 3);
}

TEST_CASE("what is wrong with a profile is told where it stands, and once") {
  const ScratchFolder folder;
  const auto told = [&](const std::string& text) { return folder.complaints(folder.load(text)); };
  const Lines unknown = told(carrier_named("a") + "profile = \"jasmine\"\n");
  REQUIRE(unknown.size() == 1);
  CHECK(unknown.front().find("there is no such profile") != std::string::npos);
  CHECK(unknown.front().find("did you mean \"jasmin\"?") != std::string::npos);

  const Lines wrong = told("[profiles.mine]\nwindow = 0\n" + carrier_named("a") + "profile = \"mine\"\n" +
                           carrier_named("b") + "profile = \"mine\"\n");
  REQUIRE(wrong.size() == 1);
  CHECK(wrong.front().starts_with("xionid.toml:2:"));
  CHECK(wrong.front().find("profiles.mine.window") != std::string::npos);

  CHECK(told("[profiles.mine]\nwindwo = 1\n").front().find("did you mean \"window\"?") != std::string::npos);
  CHECK(told("[profiles.mine]\naddress = \"a:1\"\n").front().find("belongs in the [[carrier]] block") !=
        std::string::npos);
  CHECK(told("profiles = 1\n").size() == 1);
  CHECK(told("[profiles]\nmine = 1\n").size() == 1);
}

TEST_CASE("every shipped profile is right, and each of its lines says where that is public") {
  config::Draft draft;
  config::read_shipped_profiles(draft);
  CHECK(draft.findings.empty());
  for (const char* name : {"jasmin", "kannel-opensmppbox", "smppsim", "cloudhopper"}) {
    CAPTURE(name);
    CHECK(draft.profiles.contains(std::string(name)));
  }
  std::ifstream file(XION_SOURCE_DIR "/conf/profiles.toml");
  const std::regex key(R"(^[a-z_]+ = .*)"), with_source(R"(^[a-z_]+ = .*#.*: https://\S+$)");
  std::string whole;
  for (std::string line; std::getline(file, line);) {
    whole += line + "\n";
    CAPTURE(line);
    if (std::regex_match(line, key)) CHECK(std::regex_match(line, with_source));
  }
  CHECK(config::shipped_profiles() == whole);
}

TEST_CASE("the manual and the shipped file name every shipped profile") {
  const auto text_of = [](const char* path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  config::Draft draft;
  config::read_shipped_profiles(draft);
  for (const auto& [name, profile] : draft.profiles) {
    CAPTURE(name);
    CHECK(text_of(XION_SOURCE_DIR "/man/xionid.toml.5").find(".Dq " + name) != std::string::npos);
    CHECK(text_of(XION_SOURCE_DIR "/conf/xionid.toml").find("\"" + name + "\"") != std::string::npos);
  }
}
