#include <doctest/doctest.h>

#include <string>

#include "api/call/refused_keys.h"

namespace xion {

TEST_CASE("of each address a few refused keys a minute are told, and of a thousand addresses") {
  RefusedKeys refused;
  MonoTime now{Millis{1'000}};
  const auto try_from = [&](const std::string& address) {
    return refused.note({.reason = "invalid_api_key", .key_id = {}, .address = address}, now);
  };
  std::uint32_t told = 0;
  for (int n = 0; n < 100; ++n) told += try_from("192.0.2.1");
  CHECK(told == RefusedKeys::told_of_an_address);
  CHECK(try_from("192.0.2.2"));
  std::size_t addresses = 2;
  for (int n = 0; n < 2'000; ++n) addresses += try_from("198.51.100." + std::to_string(n));
  CHECK(addresses == RefusedKeys::addresses_at_most);
  now += Millis{60'000};
  CHECK(try_from("192.0.2.1"));
}

}  // namespace xion
