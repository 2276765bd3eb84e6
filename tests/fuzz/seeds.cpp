// Writes the fuzzers' first inputs: seeds DIR makes DIR/framer, DIR/decode, DIR/receipt, DIR/text, DIR/session,
// DIR/control, DIR/token, DIR/passkey and DIR/http.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "smpp/encode.h"
#include "smpp/receipt.h"

using namespace xion;
using namespace xion::smpp;
using namespace std::string_literals;

namespace {

void write(const std::filesystem::path& folder, const std::vector<std::string>& seeds) {
  std::filesystem::create_directories(folder);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream(folder / ("seed-" + std::to_string(i)), std::ios::binary) << seeds[i];
  }
}

std::vector<std::string> pdus() {
  SubmitSm submit;
  submit.service_type = "CMT";
  submit.source = {5, 0, "XionID"};
  submit.destination = {1, 1, "4915112345678"};
  submit.validity_period = "000000000530000R";
  submit.short_message = "123456 is your code";
  submit.tlvs = {short_tlv(tag::user_message_reference, 7), {0x1400, "1234567890"}};
  DeliverSm deliver;
  deliver.source = {1, 1, "4915112345678"};
  deliver.destination = {5, 0, "XionID"};
  deliver.esm_class = 0x04;
  deliver.short_message = "id:1 stat:DELIVRD err:000";
  deliver.tlvs = {{tag::receipted_message_id, "1\0"s}, octet_tlv(tag::message_state, 2)};
  const Body bodies[] = {Bind{.system_id = "acct", .password = Secret("password"), .system_type = "vma"},
                         BindResp{.system_id = "smsc", .tlvs = {octet_tlv(tag::sc_interface_version, 0x34)}},
                         submit,
                         SubmitSmResp{.message_id = "1"},
                         deliver,
                         DeliverSmResp{},
                         Unbind{},
                         UnbindResp{},
                         EnquireLink{},
                         EnquireLinkResp{},
                         GenericNack{},
                         Unknown{0x103, "data"}};
  std::vector<std::string> all;
  for (const Body& body : bodies) all.push_back(encode({.sequence = 1, .body = body}).value());
  return all;
}

/// What is said of a passkey for example.org when it is shown, and when it is made; see fuzz_passkey.cpp for the form.
std::vector<std::string> passkeys() {
  const std::string host =
      "\xbf\xab\xc3\x74\x32\x95\x8b\x06\x33\x60\xd3\xad\x64\x61\xc9\xc4"
      "\x73\x5a\xe7\xf8\xed\xd4\x65\x92\xa5\xe0\xf0\x14\x52\xb2\xe4\xb5"s;
  const auto told = [&](char ceremony, const std::string& type, const std::string& data) {
    const std::string client = R"({"type":"webauthn.)" + type +
                               R"(","challenge":"OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag",)"
                               R"("origin":"https://example.org","crossOrigin":false})";
    return std::string(1, ceremony) + '\0' + static_cast<char>(client.size()) + client + host + data;
  };
  const std::string id = std::string(16, 'a') + "\0\x10"s + std::string(16, 'c') + "\xa5";
  return {told('\0', "get", "\x1d\0\0\0\7"s), told('\0', "get", "\x85\0\0\0\7\xa0"s),
          told('\1', "create", "\x45\0\0\0\0"s + id)};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds DIR\n");
    return 2;
  }
  const std::filesystem::path root = argv[1];
  const auto all = pdus();
  write(root / "decode", all);
  std::string stream(1, '\x07');
  for (const auto& pdu : all) stream += pdu;
  write(root / "framer", {stream, "\0\0\0\0\x04"s});

  const std::string usual = receipt_text({.message_id = "0123456789", .submitted = {}, .done = {}, .text = "hello"});
  // text_alone, esm_class, data_coding, number of TLVs; each TLV: which, length, value.
  write(root / "receipt", {"\0\4\0\0"s + usual, "\1\0\3\0"s + usual,
                           "\0\0\0\3\0\2"s + "1\0\1\1\2\2\3\3\0\x22"s + "text", "\0\x20\x08\0\0i\0d\0:\0001"s});
  // Alphabet, concatenation, data_coding, transliteration.
  write(root / "text", {"\0\0\0\0hello €[]"s, "\1\1\0\0"s + std::string(200, 'x'), "\2\2\3\1“quoted” – …"s,
                        "\4\3\x08\0"s + "Код 😀", "\0\0\0\0"s + std::string(161, '[')});
  // open; a bind_resp; submits; time; unbind.
  std::string session = "\2\1"s + "\0"s + "\2\4" + all[1].substr(0, 20);
  for (int i = 0; i < 3; ++i) session += "\5\4\x32";
  session += "\2\0"s + all[3].substr(0, 16) + "\4\xFF\4\xFF\7\x08";
  write(root / "session", {session});

  // How many octets come at once; a stream.
  const std::string start = "\x06GET /v1/otp?limit=1 HTTP/1.1\r\nHost: x\r\n";
  const std::string post = "\x0BPOST http://x/v1/otp/send HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\n";
  write(root / "http",
        {start + "X-Request-Id: a\r\n\r\nGET / HTTP/1.0\r\n\r\n",
         post + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}",
         post + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n01\r\n}\r\n0\r\n\r\n", start + "X-A : b\r\n c\r\n\r\n"});

  write(root / "control",
        {R"({"command":"key create","args":{"app":"shop","scope":["otp:send"],"test":true,"limit":7}})",
         R"({"ok":true,"more":true,"missed":3,"result":{"at":"x","n":[1,2.5,null]}})",
         R"({"ok":false,"code":"refused","detail":"no","hint":"yes"})",
         R"(smsc.link.closed smsc=a reason="reset by peer" lost=3 and more)"});
  // Two lengths, then the values.
  // A token of RFC 7515 A.3, a key set, a discovery, and what a browser brings back.
  write(root / "token",
        {"eyJhbGciOiJFUzI1NiJ9."
         "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
         ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"s,
         R"({"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
         R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]})"s,
         R"({"issuer":"https://id.example","authorization_endpoint":"https://id.example/a","token_endpoint":)"
         R"("https://id.example/t","jwks_uri":"https://id.example/k","code_challenge_methods_supported":["S256"]})"s,
         "code=c&state=s&iss=https%3A%2F%2Fid.example"s, "1770000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"s});
  write(root / "passkey", passkeys());
  write(root / "log",
        {"\7\x0e"s + "primary" + "reset by \"peer\"" + "a=b\n\x1b[2J", "\3\4\xe2\x80\xae\xc2\x9b\xff\\x"s});
  write(root / "backup", {"\0"s, "\0\0\x18\1\x10\x18\2"s, "\1short"s});
  return 0;
}
