#include <doctest/doctest.h>

#include <string>

#include "api/call/request_headers.h"
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

}  // namespace
}  // namespace xion
