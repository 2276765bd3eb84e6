#include <doctest/doctest.h>

#include <string>

#include "api/call/request_headers.h"
#include "core/accepts_gzip.h"
#include "gzip/gzip.h"

namespace xion {
namespace {

TEST_CASE("what gzip packs it unpacks, and no further than it may") {
  for (const std::string& text : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
    const std::string packed = gzip(text);
    const auto unpacked = gunzip(packed, text.size());
    REQUIRE(unpacked);
    CHECK(*unpacked == text);
    if (!text.empty()) CHECK(gunzip(packed, text.size() - 1).error() == GunzipError::too_large);
  }
}

TEST_CASE("what is not one whole gzip is none") {
  const std::string packed = gzip("a body of some length, so that there is something to cut");
  CHECK(gunzip("", 100).error() == GunzipError::not_gzip);
  CHECK(gunzip("plain", 100).error() == GunzipError::not_gzip);
  CHECK(gunzip(packed + "x", 100).error() == GunzipError::not_gzip);
  CHECK(gunzip(packed + packed, 100).error() == GunzipError::not_gzip);
  for (std::size_t length = 0; length < packed.size(); ++length)
    CHECK(gunzip(packed.substr(0, length), 100).error() == GunzipError::not_gzip);
}

TEST_CASE("gzip is taken where Accept-Encoding takes it") {
  for (const std::string_view header :
       {"gzip", "GZIP", "br, gzip", "gzip;q=0.5", "br;q=1.0, gzip;q=0.001", "*", "*;q=0.1", "deflate,*"}) {
    CAPTURE(header);
    CHECK(accepts_gzip(header));
  }
  for (const std::string_view header :
       {"", "br", "identity", "gzip;q=0", "gzip;q=0.000", "*, gzip;q=0", "*;q=0", "xgzip", ","}) {
    CAPTURE(header);
    CHECK(!accepts_gzip(header));
  }
}

TEST_CASE("a correlator is echoed only where it can do no harm") {
  CHECK(is_correlator("b4333c46-49c0-4f62-80d7-f0ef930f1c46"));
  CHECK(is_correlator("a_b:c;d./<e>{f}"));
  CHECK(!is_correlator(""));
  CHECK(!is_correlator("a b"));
  CHECK(!is_correlator("a\"b"));
  CHECK(!is_correlator(std::string(257, 'a')));
}

TEST_CASE("what hardly packs is left as it is, and what packs, or is small, is packed whole") {
  std::uint32_t state = 1;
  const auto random = [&](std::size_t octets) {
    std::string text;
    while (text.size() < octets) text.push_back(static_cast<char>((state = state * 1'664'525 + 1'013'904'223) >> 24));
    return text;
  };
  std::string rows;
  while (rows.size() < 200'000) rows += R"({"requestId":"OTP-35HXQFFTN8DQ754Y","status":"pending","country":"AM"},)";
  for (const std::string& text : {std::string(), rows, random(8'000), rows.substr(0, 20'000) + random(4'000)}) {
    CAPTURE(text.size());
    const auto packed = gzip_if_it_packs(text);
    REQUIRE(packed.has_value());
    CHECK(gunzip(*packed, text.size()).value() == text);
  }
  CHECK_FALSE(gzip_if_it_packs(random(200'000)).has_value());
  CHECK_FALSE(gzip_if_it_packs(rows + random(200'000)).has_value());
}

}  // namespace
}  // namespace xion
