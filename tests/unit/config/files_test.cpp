#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "scratch_folder.h"

using namespace xion;
using test::carrier_named;
using test::ScratchFolder;
using Lines = std::vector<std::string>;

TEST_CASE("included files are read in order of name, and may be none") {
  const ScratchFolder folder;
  folder.write("carriers.d/20.toml", carrier_named("second"));
  folder.write("carriers.d/10.toml", carrier_named("first"));
  folder.write("carriers.d/pw", "beside");
  const auto loaded = folder.load("include = [\"carriers.d/*.toml\", \"none.d/*.toml\"]\n");
  CHECK(folder.complaints(loaded).empty());
  REQUIRE(loaded.settings.carriers.size() == 2);
  CHECK(loaded.settings.carriers[0].name == "first");
  CHECK(loaded.settings.carriers[0].password.reveal() == "beside");
}

TEST_CASE("a finding in an included file names that file") {
  const ScratchFolder folder;
  folder.write("more.toml", "[otp]\nattempts = 11\n");
  CHECK(folder.complaints("include = \"more.toml\"\n")
            .at(0)
            .starts_with("more.toml:2:12: otp.attempts = 11: expected 1–10"));
}

TEST_CASE("a plain name that is included must be there") {
  const ScratchFolder folder;
  CHECK(folder.complaints("include = [\"none.toml\"]\n") ==
        Lines{"xionid.toml:1:12: include = \"none.toml\": no such file\n  hint: looked for none.toml"});
}

TEST_CASE("an included file includes no others") {
  const ScratchFolder folder;
  folder.write("more.toml", "include = [\"x\"]\n");
  CHECK(folder.complaints("include = \"more.toml\"\n") ==
        Lines{"more.toml:1:1: include: only the main file includes others"});
}

TEST_CASE("a key that two files set is refused, and both places are named") {
  const ScratchFolder folder;
  folder.write("more.toml", "[otp]\nattempts = 3\n");
  CHECK(folder.complaints("include = \"more.toml\"\n[otp]\nattempts = 4\n") ==
        Lines{"more.toml:2:1: otp.attempts is set twice\n  hint: the other is at xionid.toml:3"});
}

TEST_CASE("three plans are there by default, and the file changes them and adds its own") {
  const ScratchFolder folder;
  const auto plans =
      folder.load("[plans.growth]\nsms_per_month = 5000\n[plans.bank]\nrequests_per_second = 0.5\n").settings.plans;
  CHECK(plans.at("starter") == Plan{"starter", 1000, 5});
  CHECK(plans.at("growth") == Plan{"growth", 5000, 20});
  CHECK(plans.at("custom") == Plan{"custom", 0, 0});
  CHECK(plans.at("bank") == Plan{"bank", 0, 0.5});
  CHECK(folder.complaints("[plans.starter]\nsms_per_moth = 1\n") ==
        Lines{"xionid.toml:2:1: plans.starter.sms_per_moth: unknown key\n  hint: did you mean \"sms_per_month\"?"});
}

TEST_CASE("relative paths are taken from the folder of the file") {
  const ScratchFolder folder;
  const auto settings = folder.load("[daemon]\ndata_dir = \"data\"\ncontrol_socket = \"./c.sock\"\n").settings;
  CHECK(settings.data_dir == folder / "data");
  CHECK(settings.control_socket == folder / "c.sock");
  CHECK(settings.config_path == folder / "xionid.toml");
  CHECK(settings.master_key_file == folder / "master.key");
}

TEST_CASE("the master key is a credential of its name, or a file beside, where systemd found none") {
  const ScratchFolder folder;
  folder.write("credentials/m.key", "(none)");
  ::setenv("CREDENTIALS_DIRECTORY", (folder / "credentials").c_str(), 1);
  const auto beside = folder.load("[daemon]\nmaster_key_file = \"m.key\"\n");
  CHECK(beside.settings.master_key_file == folder / "m.key");
  folder.write("credentials/m.key", "x");
  const auto found = folder.load("[daemon]\nmaster_key_file = \"m.key\"\n");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK(found.settings.master_key_file == folder / "credentials/m.key");
  CHECK(folder.complaints(found).empty());
}

TEST_CASE("limits are read, and \"none\" and an empty list switch them off") {
  const ScratchFolder folder;
  const auto limits =
      folder
          .load(
              "[limits]\nsends_per_phone = [\"3/1h\"]\nsends_per_user_ip = []\nphones_per_user_ip = \"none\"\n"
              "cooldown_seconds = 45\nphone_lock_seconds = 60\n")
          .settings.limits;
  CHECK(limits.sends_per_phone == std::vector<RateRule>{{3, Seconds{3600}}});
  CHECK(limits.sends_per_user_ip.empty());
  CHECK(limits.phones_per_user_ip == RateRule{});
  CHECK(limits.cooldown == std::vector<Seconds>{Seconds{45}});
  CHECK(limits.phone_lock == Seconds{60});
}

TEST_CASE("settings are shown with the file's own keys and without passwords") {
  const ScratchFolder folder;
  const auto settings = folder.load(carrier_named("a") + "rate = 7\n").settings;
  const std::string shown = settings_json(settings);
  CHECK(shown.find("\"retention_days\":90") != std::string::npos);
  CHECK(shown.find("\"sends_per_phone\":[\"5/10m\",\"10/1d\"]") != std::string::npos);
  CHECK(shown.find("\"name\":\"a\"") != std::string::npos);
  CHECK(shown.find("\"rate\":7") != std::string::npos);
  CHECK(shown.find("\"default_alphabet\":\"gsm7\"") != std::string::npos);
  CHECK(shown.find("\"secret") == std::string::npos);
  CHECK(shown == settings_json(folder.load(carrier_named("a") + "rate = 7\n").settings));
  CHECK(shown != settings_json(folder.load(carrier_named("a") + "rate = 8\n").settings));
}
