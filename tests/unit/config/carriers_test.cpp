#include <doctest/doctest.h>

#include <cstdlib>

#include "scratch_folder.h"

using namespace xion;
using test::carrier_named;
using test::ScratchFolder;
using Lines = std::vector<std::string>;

TEST_CASE("a carrier's block with nothing but what it must have gets the defaults") {
  const ScratchFolder folder;
  const auto loaded = folder.load(carrier_named("a"));
  REQUIRE(loaded.is_usable());
  const CarrierSettings& carrier = loaded.settings.carriers.at(0);
  CHECK(carrier.addresses == Lines{"smsc.example.net:2775"});
  CHECK(carrier.password.reveal() == "secret");
  CHECK(carrier.window == 10);
  CHECK(carrier.enquire_link == Millis{25'000});
  CHECK_FALSE(carrier.tls);
}

TEST_CASE("a carrier's nodes are names of nodes, and are not looked at where there are none") {
  const ScratchFolder folder;
  const std::string pinned = carrier_named("a") + "nodes = [\"a\", \"db1.example.net\"]\n";
  const auto alone = folder.load(pinned);
  CHECK(alone.settings.carriers.at(0).nodes == Lines{"a", "db1.example.net"});
  const Lines told = folder.complaints(alone);
  REQUIRE(told.size() == 1);
  CHECK(told[0].contains("carrier.nodes of \"a\": not looked at"));
  const auto shared = folder.load(pinned + "[store]\nengine = \"postgresql\"\nurl = \"postgresql://127.0.0.1/x\"\n");
  CHECK(folder.complaints(shared).empty());
  CHECK_FALSE(folder.load(carrier_named("a") + "nodes = [\"\"]\n").is_usable());
  CHECK_FALSE(folder.load(carrier_named("a") + "nodes = [\"a b\"]\n").is_usable());
}

TEST_CASE("every quirk of a carrier is read") {
  const ScratchFolder folder;
  const auto loaded = folder.load(carrier_named("a") + R"(
tls = true
system_type = "OTP"
bind = "transmitter+receiver"
binds = 2
window = 50
rate = 12.5
sender = "XionID"
default_alphabet = "gsm7packed"
concat = "sar"
transliterate = true
enquire_link_seconds = 0.5
response_timeout_seconds = 15
reconnect_min_seconds = 30
source_ton = 0
dest_plus = true
service_type = "CMT"
validity_format = "absolute"
validity_min_seconds = 300
receipt_text_alone = true
)");
  CHECK(folder.complaints(loaded).empty());
  const CarrierSettings& carrier = loaded.settings.carriers.at(0);
  CHECK(carrier.tls == TlsClientSettings{});
  CHECK(carrier.bind == "transmitter+receiver");
  CHECK(carrier.binds == 2);
  CHECK(carrier.rate == 12.5);
  CHECK(carrier.default_alphabet == smpp::Alphabet::gsm7packed);
  CHECK(carrier.concat == smpp::Concat::sar);
  CHECK(carrier.enquire_link == Millis{500});
  CHECK(carrier.reconnect_min == Millis{30'000});
  CHECK(carrier.source_ton == 0);
  CHECK(carrier.validity_min == Seconds{300});
  CHECK(carrier.receipt_text_alone);
}

TEST_CASE("what a carrier's block lacks is told at the block") {
  const ScratchFolder folder;
  CHECK(folder.complaints("\n[[carrier]]\nname = \"a\"\n") ==
        Lines{"xionid.toml:2:1: carrier.address is missing", "xionid.toml:2:1: carrier.system_id is missing",
              "xionid.toml:2:1: carrier.password_file is missing\n"
              "  hint: put the password in a file (root:xionid, mode 0640) and name it here"});
}

TEST_CASE("names that SMPP would cut are refused") {
  const ScratchFolder folder;
  const auto lines = folder.complaints(
      "[[carrier]]\nname = \"a\"\naddress = \"h:1\"\nsystem_id = \"sixteen_octets__\"\npassword_file = \"pw\"\n"
      "sender = \"TwelveLetter\"\nservice_type = \"sixsix\"\n");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with(
      "xionid.toml:4:13: carrier.system_id = \"sixteen_octets__\": expected 1–15 characters of ASCII"));
  CHECK(lines[1].starts_with(
      "xionid.toml:6:10: carrier.sender = \"TwelveLetter\": expected at most 11 characters of ASCII"));
  CHECK(lines[2].starts_with("xionid.toml:7:16: carrier.service_type = \"sixsix\": expected at most 5 characters"));
}

TEST_CASE("the sender's type of number follows from the sender") {
  const ScratchFolder folder;
  const auto numbering = [&](const std::string& sender) {
    const auto loaded = folder.load(carrier_named("a") + "sender = \"" + sender + "\"\n");
    const auto& carrier = loaded.settings.carriers.at(0);
    return std::pair<int, int>{carrier.source_ton, carrier.source_npi};
  };
  CHECK(numbering("XionID") == std::pair{5, 0});
  CHECK(numbering("+37499123456") == std::pair{1, 1});
  CHECK(numbering("37499123456") == std::pair{1, 1});
  CHECK(numbering("7070") == std::pair{3, 0});
  CHECK(numbering("") == std::pair{0, 0});
}

TEST_CASE("bad addresses are refused one by one") {
  const ScratchFolder folder;
  const auto with_address = [&](const std::string& address) {
    return folder.complaints(
        "[[carrier]]\nname = \"a\"\nsystem_id = \"x\"\npassword_file = \"pw\"\naddress = " + address + "\n");
  };
  CHECK(with_address("[\"a:1\", \"[2001:db8::1]:2775\"]").empty());
  CHECK(with_address("[\"a:1\", \"b\"]")
            .at(0)
            .starts_with("xionid.toml:5:19: carrier.address = \"b\": expected host:port"));
  CHECK(with_address("\"a:0\"").size() == 1);
  CHECK(with_address("\"a:65536\"").size() == 1);
  CHECK(with_address("\"a b:1\"").size() == 1);
  CHECK(with_address("[]") == Lines{"xionid.toml:5:11: carrier.address = []: expected one address at least"});
}

TEST_CASE("a second carrier of the same name is refused, and the first one named") {
  const ScratchFolder folder;
  CHECK(folder.complaints(carrier_named("a") + carrier_named("a")) ==
        Lines{"xionid.toml:7:8: carrier.name = \"a\": a second carrier of that name\n  hint: the first is at "
              "xionid.toml:2"});
}

TEST_CASE("a carrier that isn't an array of tables is told how to write it") {
  const ScratchFolder folder;
  CHECK(folder.complaints("[carrier]\nname = \"a\"\n") ==
        Lines{"xionid.toml:1:1: carrier: expected [[carrier]], once for each\n  hint: write [[carrier]] with two "
              "brackets"});
}

TEST_CASE("a password is looked for among the credentials first, then beside the configuration") {
  const ScratchFolder folder;
  folder.write("credentials/pw", "from systemd");
  ::setenv("CREDENTIALS_DIRECTORY", (folder / "credentials").c_str(), 1);
  const auto loaded = folder.load(carrier_named("a"));
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK(loaded.settings.carriers.at(0).password.reveal() == "from systemd");
}

TEST_CASE("a password's file that is missing, empty or of several lines is refused") {
  const ScratchFolder folder;
  const auto with_file = [&](const std::string& name) {
    return folder.complaints("[[carrier]]\nname = \"a\"\naddress = \"h:1\"\nsystem_id = \"x\"\npassword_file = \"" +
                             name + "\"\n");
  };
  CHECK(with_file("none") == Lines{"xionid.toml:5:17: carrier.password_file = \"none\": No such file or directory\n"
                                   "  hint: looked in $CREDENTIALS_DIRECTORY, then for none"});
  folder.write("empty", "\n");
  CHECK(with_file("empty").at(0).starts_with(
      "xionid.toml:5:17: carrier.password_file = \"empty\": the password is empty"));
  folder.write("two", "a\nb\n");
  CHECK(with_file("two").at(0).find("more than one line") != std::string::npos);
}

TEST_CASE("a password in the configuration works, is warned about, and is never repeated") {
  const ScratchFolder folder;
  const auto loaded =
      folder.load("[[carrier]]\nname = \"a\"\naddress = \"h:1\"\nsystem_id = \"x\"\npassword = \"hunter2hunter2\"\n");
  CHECK(loaded.is_usable());
  const auto lines = folder.complaints(loaded);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("xionid.toml:5:12: warning: carrier.password: a password in the configuration is read"));
  CHECK(lines[1].starts_with(
      "xionid.toml:5:12: warning: carrier.password: the password has 14 octets, and SMPP 3.4 allows 8"));
  for (const auto& line : lines) CHECK(line.find("hunter2") == std::string::npos);
  CHECK(folder.complaints("[[carrier]]\nname = \"a\"\naddress = \"h:1\"\nsystem_id = \"x\"\npassword = 12345678\n")
            .at(0)
            .find("12345678") == std::string::npos);
}

TEST_CASE("a password's file that everybody can read is warned about") {
  const ScratchFolder folder;
  ::chmod((folder / "pw").c_str(), 0644);
  const auto lines = folder.complaints(carrier_named("a"));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "xionid.toml:5:17: warning: carrier.password_file = \"pw\": every user of this machine can read it\n"
        "  hint: chmod o= pw");
}

TEST_CASE("a carrier's TLS settings are checked like any other") {
  const ScratchFolder folder;
  folder.write("ca.pem", "x");
  const auto with_tls = [&](const std::string& tls) { return folder.load(carrier_named("a") + "tls = " + tls + "\n"); };
  const std::string print(64, 'A');
  const auto good = with_tls("{ ca = \"ca.pem\", fingerprint = \"" + print + "\" }");
  CHECK(folder.complaints(good).empty());
  CHECK(good.settings.carriers.at(0).tls->ca == folder / "ca.pem");
  CHECK(good.settings.carriers.at(0).tls->fingerprint == std::string(64, 'a'));
  CHECK(folder.complaints(with_tls("{ cert = \"x\" }")) ==
        Lines{"xionid.toml:6:9: carrier.tls.cert: unknown key\n  hint: did you mean \"certificate\"?"});
  CHECK(
      folder.complaints(with_tls("{ certificate = \"ca.pem\" }")) ==
      Lines{"xionid.toml:6:7: carrier.tls = {…}: a certificate and its key belong together\n  hint: add key = \"…\""});
  CHECK(folder.complaints(with_tls("{ fingerprint = \"abc\" }"))
            .at(0)
            .starts_with("xionid.toml:6:23: carrier.tls.fingerprint"));
  CHECK(folder.complaints(with_tls("\"yes\""))
            .at(0)
            .starts_with("xionid.toml:6:7: carrier.tls = \"yes\": expected true, false or"));
}

TEST_CASE("a reconnect that would wait longer at first than at most is refused") {
  const ScratchFolder folder;
  CHECK(folder.complaints(carrier_named("a") + "reconnect_min_seconds = 90\n") ==
        Lines{"xionid.toml:6:25: carrier.reconnect_min_seconds is above reconnect_max_seconds\n  hint: now 90 and 60"});
}

TEST_CASE("how a carrier's receipts differ is read, and what is wrong with it is told") {
  const ScratchFolder folder;
  const auto with = [&](const std::string& line) { return folder.load(carrier_named("a") + line + "\n"); };
  const auto good = with(
      "receipt_states = { gone = \"undelivered\", \"10\" = \"expired\" }\n"
      "receipt_pattern = '^(?P<id>[^,]+),(?P<stat>[A-Z]+)'\nreceipts_for_long = \"any\"");
  CHECK(folder.complaints(good).empty());
  const CarrierSettings& carrier = good.settings.carriers.at(0);
  CHECK(carrier.receipt_states ==
        smpp::ReceiptStates{{"GONE", smpp::ReceiptState::undeliverable}, {"10", smpp::ReceiptState::expired}});
  CHECK(carrier.receipt_pattern.reader() != nullptr);
  CHECK(carrier.receipts_for_long == ReceiptsForLong::any);
  CHECK(folder.complaints(with("receipt_pattern = '(?P<id>['")).at(0).find("no regular expression") !=
        std::string::npos);
  CHECK(folder.complaints(with("receipt_pattern = 'id:(.*)'")).at(0).find("expected a group") != std::string::npos);
  CHECK(folder.complaints(with("receipt_states = { GONE = \"lost\" }")).at(0).find("expected \"delivered\"") !=
        std::string::npos);
  CHECK(folder.complaints(with("receipts_for_long = \"first\"")).at(0).find("\"each\", \"any\" or \"last\"") !=
        std::string::npos);
}

TEST_CASE("how a carrier is bound to is read, and what is wrong with it is told") {
  const ScratchFolder folder;
  const auto with = [&](const std::string& line) { return folder.load(carrier_named("a") + line + "\n"); };
  const auto good = with(
      "local_address = \"192.0.2.7\"\nreceiver_address = \"h:2776\"\ninterface_version = \"5.0\"\n"
      "address_range = \"^374\"\nbind_ton = 1\nbind_npi = 1\nesm_class = 3");
  CHECK(folder.complaints(good).empty());
  const CarrierSettings& carrier = good.settings.carriers.at(0);
  CHECK(carrier.local_address == "192.0.2.7");
  CHECK(carrier.receiver_addresses == std::vector<std::string>{"h:2776"});
  CHECK(carrier.interface_version == 0x50);
  CHECK(carrier.address_range == "^374");
  CHECK(carrier.esm_class == 3);
  CHECK(folder.complaints(with("local_address = \"example.net\"")).size() == 1);
  CHECK(folder.complaints(with("interface_version = \"3.5\"")).size() == 1);
  CHECK(folder.complaints(with("esm_class = 64")).at(0).find("expected 0–3") != std::string::npos);
}
