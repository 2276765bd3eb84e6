#include <doctest/doctest.h>

#include "scratch_folder.h"

using namespace xion;
using test::carrier_named;
using test::ScratchFolder;
using Lines = std::vector<std::string>;

TEST_CASE("a number out of range is told with its place, its value and its range") {
  const ScratchFolder folder;
  CHECK(folder.complaints(carrier_named("a") + "window = 0\n") ==
        Lines{"xionid.toml:6:10: carrier.window = 0: expected 1–1000\n"
              "  hint: Unanswered submits on each bind; the default is 10."});
}

TEST_CASE("an unknown key is told where it stands, with the key that was probably meant") {
  const ScratchFolder folder;
  CHECK(folder.complaints("[daemon]\n  data_dri = \"/tmp\"\n") ==
        Lines{"xionid.toml:2:3: daemon.data_dri: unknown key\n  hint: did you mean \"data_dir\"?"});
  CHECK(folder.complaints("[deamon]\n") ==
        Lines{"xionid.toml:1:2: deamon: unknown key\n  hint: did you mean \"daemon\"?"});
  CHECK(folder.complaints("[operator]\nfrobnicate = 1\n") ==
        Lines{"xionid.toml:2:1: operator.frobnicate: unknown key\n  hint: known here: listen"});
}

TEST_CASE("a key outside its table is told where it belongs") {
  const ScratchFolder folder;
  CHECK(folder.complaints("retention_days = 3\n") ==
        Lines{"xionid.toml:1:1: retention_days: unknown key\n  hint: retention_days belongs in [daemon]"});
  // What a row of a list is made of is not meant far from the list.
  CHECK(folder.complaints("[operator]\ngroup = \"xionid\"\n") ==
        Lines{"xionid.toml:2:1: operator.group: unknown key\n  hint: known here: listen"});
}

TEST_CASE("a value of the wrong type is told what was expected, and whether quotes are the trouble") {
  const ScratchFolder folder;
  CHECK(folder.complaints("[daemon]\nretention_days = \"90\"\n") ==
        Lines{"xionid.toml:2:18: daemon.retention_days = \"90\": expected a whole number, 1–3650\n"
              "  hint: written without quotes?"});
  CHECK(folder.complaints("[daemon]\ndata_dir = 7\n") ==
        Lines{"xionid.toml:2:12: daemon.data_dir = 7: expected text, a path\n  hint: written in quotes?"});
  CHECK(folder.complaints("[otp]\ncode_length = 6.0\n")
            .front()
            .starts_with("xionid.toml:2:15: otp.code_length = 6: expected a whole number, 4–10"));
  CHECK(folder.complaints("daemon = 3\n")
            .front()
            .starts_with("xionid.toml:1:10: daemon = 3: expected a table, [daemon]"));
}

TEST_CASE("every finding is told at once, in the order of the lines") {
  const ScratchFolder folder;
  const auto lines = folder.complaints(
      "[limits]\ncooldown_seconds = [30, -1]\nsends_per_phone = [\"5/10x\"]\n[daemon]\nlog = \"jurnal\"\n[api]\nlisten "
      "= [\"8080\"]\n");
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].starts_with("xionid.toml:2:25: limits.cooldown_seconds = -1: expected 0–3600 seconds"));
  CHECK(lines[1].starts_with("xionid.toml:3:20: limits.sends_per_phone = \"5/10x\": expected \"COUNT/WINDOW\""));
  CHECK(lines[2] ==
        "xionid.toml:5:7: daemon.log = \"jurnal\": expected \"auto\", \"journal\" or \"stderr\"\n"
        "  hint: did you mean \"journal\"?");
  CHECK(lines[3] ==
        "xionid.toml:7:11: api.listen = \"8080\": expected address:port or unix:/path\n"
        "  hint: the host is missing: \"127.0.0.1:8080\"");
}

TEST_CASE("text that isn't TOML is told with its line") {
  const ScratchFolder folder;
  const auto lines = folder.complaints("[daemon]\ndata_dir = \"/tmp\n");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("xionid.toml:2:"));
  CHECK(lines[0].ends_with("hint: the text that begins here isn't closed: a \" is missing"));
}

TEST_CASE("a file that isn't there is told without a line") {
  const auto loaded = load_config("/nonexistent/xionid.toml");
  REQUIRE(loaded.findings.size() == 1);
  CHECK(format_finding(loaded.findings[0], false) ==
        "/nonexistent/xionid.toml: cannot be read: No such file or directory");
  CHECK_FALSE(loaded.is_usable());
}

TEST_CASE("the default lifetime of a code can't be above the ceiling") {
  const ScratchFolder folder;
  CHECK(folder.complaints("[otp]\nttl_seconds = 900\n") ==
        Lines{"xionid.toml:2:1: otp.ttl_seconds = 900: above ttl_max_seconds, 600"});
  CHECK(folder.complaints("[otp]\nttl_seconds = 900\nttl_max_seconds = 900\n").empty());
}

TEST_CASE("HTTPS without its key is refused") {
  const ScratchFolder folder;
  folder.write("cert.pem", "x");
  CHECK(folder.complaints("[api]\ntls_certificate = \"cert.pem\"\n") ==
        Lines{"xionid.toml:2:1: api.tls_certificate without tls_key\n  hint: HTTPS needs both"});
  CHECK(folder.complaints("[api]\ntls_certificate = \"cert.pem\"\ntls_key = \"none.pem\"\n") ==
        Lines{"xionid.toml:3:11: api.tls_key = \"none.pem\": No such file or directory\n  hint: looked for none.pem"});
}

TEST_CASE("an API that other machines reach without TLS is warned about, and used") {
  const ScratchFolder folder;
  const auto loaded = folder.load("[api]\nlisten = [\"0.0.0.0:8080\", \"unix:/run/x\", \"[::1]:80\"]\n");
  CHECK(loaded.is_usable());
  const auto lines = folder.complaints(loaded);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with(
      "xionid.toml:2:1: warning: api.listen = \"0.0.0.0:8080\": keys, phones and codes travel unencrypted"));
}

TEST_CASE("colours stay out unless they are asked for") {
  const Finding finding{"f", 1, 2, "m", "h", false};
  CHECK(format_finding(finding, false) == "f:1:2: warning: m\n  hint: h");
  CHECK(format_finding(finding, true).find("\033[1;35mwarning:") != std::string::npos);
}
