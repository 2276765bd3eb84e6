// What needs no socket: the fault table, the script, the handset; and the admin line and TLS, which need little.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "carrier/seen.h"
#include "esme_stage.h"
#include "smpp/text.h"

using namespace xion;
using namespace xion::carrier;
using Kind = Sight::Kind;

TEST_CASE("every fault is understood as it is printed") {
  Faults faults;
  for (const FaultRow& row : fault_table()) {
    CAPTURE(row.name);
    REQUIRE(faults.set(row.name).has_value());
    CHECK(faults.is_on(row.fault));
    const std::string text = faults.text(row.fault);
    REQUIRE(faults.set(fmt::format("{}=off", row.name)).has_value());
    CHECK(faults.text(row.fault).empty());
    REQUIRE(faults.set(text).has_value());
    CHECK(faults.text(row.fault) == text);
  }
}

TEST_CASE("a fault takes a value, a share and a number of times") {
  Faults faults;
  REQUIRE(faults.set("late-response=3000@5%@2x").has_value());
  CHECK(faults.text(Fault::late_response) == "late-response=3000@5%@2x");
  REQUIRE(faults.set("command-length=2^31").has_value());
  CHECK(faults.number(Fault::command_length) == 0x80000000);
  REQUIRE(faults.set("status=0x55F").has_value());
  CHECK(faults.number(Fault::status) == 0x55F);
}

TEST_CASE("a mistyped fault is refused and changes nothing") {
  Faults faults;
  REQUIRE(faults.set("throttle=10%").has_value());
  for (const std::string_view wrong : {"throtle", "throttle=", "throttle=5", "throttle=101%", "throttle=0x",
                                       "window=-1", "receipt-id=roman", "late-response=10ms", "command-length=2^99"}) {
    CAPTURE(wrong);
    CHECK_FALSE(faults.set(wrong).has_value());
  }
  CHECK(faults.text(Fault::throttle) == "throttle=10%");
}

TEST_CASE("the longest rule of a script wins, and a whole number over all") {
  Script script;
  for (const std::string_view rule :
       {"* outcome=EXPIRED", "+374* outcome=REJECTD", "+37499* outcome=UNDELIV err=011 delay=500",
        "+37499000001 outcome=DELIVRD", "# a remark", ""}) {
    REQUIRE(script.add(rule).has_value());
  }
  CHECK(script.find("37499000001")->state == smpp::ReceiptState::delivered);
  CHECK(script.find("37499000002")->error == "011");
  CHECK(script.find("37499000002")->delay == Millis{500});
  CHECK(script.find("37411000000")->state == smpp::ReceiptState::rejected);
  CHECK(script.find("4912345")->state == smpp::ReceiptState::expired);
}

TEST_CASE("a script's mistake is told with its file and line") {
  const std::string path = fmt::format("/tmp/xionid-carrier-script-{}", getpid());
  std::ofstream(path) << "+374* outcome=UNDELIV\n+375* outcome=NONSENSE\n";
  Script script;
  const auto loaded = script.load(path);
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().starts_with(path + ":2: `outcome=NONSENSE`"));
  std::remove(path.c_str());
}

TEST_CASE("a long text is shown whole, however it was cut and whatever its alphabet") {
  const std::string latin(400, 'a');
  std::string armenian;
  for (int i = 0; i < 150; ++i) armenian += "Կ";
  for (const auto alphabet : {smpp::Alphabet::gsm7, smpp::Alphabet::gsm7packed, smpp::Alphabet::latin1}) {
    for (const auto concat : {smpp::Concat::udh8, smpp::Concat::udh16, smpp::Concat::sar, smpp::Concat::payload}) {
      for (const std::string& text : {latin, armenian}) {
        CAPTURE(static_cast<int>(alphabet));
        CAPTURE(static_cast<int>(concat));
        Inbox inbox(alphabet);
        const auto encoded = smpp::encode_text(text, alphabet, concat, 7, false);
        for (auto segment = encoded.segments.rbegin(); segment != encoded.segments.rend(); ++segment) {
          smpp::Sm sm;
          sm.data_coding = encoded.data_coding;
          sm.short_message = segment->short_message;
          sm.esm_class = segment->udh_octets > 0 ? smpp::esm_class_udhi : 0;
          sm.tlvs = segment->tlvs;
          inbox.put("1", sm, WallTime{});
        }
        const auto shown = inbox.read("1");
        REQUIRE(shown.size() == 1);
        CHECK(shown[0].is_whole());
        CHECK(shown[0].text == text);
      }
    }
  }
}

TEST_CASE("the inbox keeps the last hundred thousand") {
  Inbox inbox(smpp::Alphabet::gsm7);
  smpp::Sm sm;
  sm.short_message = "text";
  inbox.put("first", sm, WallTime{});
  for (std::size_t i = 0; i < Inbox::limit_parts; ++i) inbox.put("many", sm, WallTime{});
  CHECK(inbox.read("first").empty());
  CHECK(inbox.last_id() == Inbox::limit_parts + 1);
  CHECK(inbox.read("many", inbox.last_id() - 2).size() == 2);
}

TEST_CASE("the code is the first run of four to ten digits") {
  CHECK(code_in("Your 2 codes: 123456 and 654321") == "123456");
  CHECK(code_in("call 37499123056 or use 4711") == "4711");
  CHECK(code_in("no code, 123 is too short") == "");
  CHECK(code_in("") == "");
}

TEST_CASE("numbers are the same with +, with 00 and with neither") {
  CHECK(plain_number("+374 99 123056") == "37499123056");
  CHECK(plain_number("0037499123056") == "37499123056");
  CHECK(plain_number("37499123056") == "37499123056");
}

TEST_CASE("the set of seen hashes tells new from old while it grows") {
  SeenSet seen;
  for (std::uint64_t hash = 0; hash < 10'000; ++hash) REQUIRE(seen.insert(hash * 0x9E3779B97F4A7C15 + 5));
  for (std::uint64_t hash = 0; hash < 10'000; ++hash) REQUIRE_FALSE(seen.insert(hash * 0x9E3779B97F4A7C15 + 5));
}

TEST_CASE("whoever waits for a message gets it when it comes, and nothing when none does") {
  Stage stage;
  CHECK(stage.ask("inbox +37499000001 wait=0.05").empty());
  Esme& esme = stage.bound_esme();
  bool is_sent = false;
  const auto send_soon = [&] {
    if (!std::exchange(is_sent, true)) esme.submit("37499000001", "4711 is your code");
  };
  stage.until([&] {
    send_soon();
    return esme.count(Kind::answer) == 1;
  });
  const auto lines = stage.ask("inbox +37499000001 wait=4");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("\"text\":\"4711 is your code\",\"code\":\"4711\"") != std::string::npos);
  CHECK(stage.ask("inbox +37499000001 after=1 wait=0.05").empty());
}

TEST_CASE("a refused admin line says what would be right, and a half-right one changes nothing") {
  Stage stage;
  CHECK(stage.ask("nonsense")[0].starts_with("{\"error\":\"`nonsense` is no command"));
  CHECK(stage.ask("fault throttle=10% nonsense=1")[0].starts_with("{\"error\":"));
  CHECK_FALSE(stage.carrier.faults().is_on(Fault::throttle));
  CHECK(stage.ask("fault throttle=10%")[0] == "{\"ok\":true}");
  CHECK(stage.carrier.faults().is_on(Fault::throttle));
  CHECK(stage.ask("fault list").size() == fault_count);
  CHECK(stage.ask("stats")[0].starts_with("{\"connections\":0,"));
}

namespace {

/// What a careful client thinks of the simulator's certificate.
long verify_result(Stage& stage, const std::string& trusted) {
  const auto address = parse_address(stage.server.address());
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(connect(fd, address->get(), address->length) == 0);
  evutil_make_socket_nonblocking(fd);
  SslContext context(SSL_CTX_new(TLS_client_method()));
  REQUIRE(SSL_CTX_load_verify_locations(context.get(), trusted.c_str(), nullptr) == 1);
  SSL* ssl = SSL_new(context.get());
  SSL_set_fd(ssl, fd);
  SSL_set1_host(ssl, "localhost");
  REQUIRE(stage.until([&] { return SSL_connect(ssl) == 1; }));
  const long result = SSL_get_verify_result(ssl);
  SSL_free(ssl);
  close(fd);
  return result;
}

}  // namespace

TEST_CASE("over TLS the certificate is good, or ended yesterday where that is asked for") {
  const std::string path = fmt::format("/tmp/xionid-carrier-{}.pem", getpid());
  {
    auto context = tls_self_signed(path, false);
    REQUIRE(context.has_value());
    Stage stage({}, std::move(*context));
    CHECK(verify_result(stage, path) == X509_V_OK);
  }
  auto context = tls_self_signed(path, true);
  REQUIRE(context.has_value());
  Stage stage({}, std::move(*context));
  CHECK(verify_result(stage, path) == X509_V_ERR_CERT_HAS_EXPIRED);
  std::remove(path.c_str());
}
