#include <doctest/doctest.h>

#include "core/owners/app.h"
#include "core/record_formats.h"

using namespace xion;

TEST_CASE("a hook's key is read back as it was written, and a plain one is written as every release reads it") {
  ApiKey key;
  key.id = "key_06ez7k3m9q";
  key.networks = {"192.0.2.0/24"};
  CHECK(to_record(key).front() == 1);
  key.hook = "supabase";
  key.secret_as.octets[3] = 7;
  key.secret_sealed = "sealed";
  const auto read = api_key_from_record(to_record(key));
  REQUIRE(read);
  CHECK(read->id == key.id);
  CHECK(read->networks == key.networks);
  CHECK(read->hook == "supabase");
  CHECK(read->secret_as == key.secret_as);
  CHECK(read->secret_sealed == "sealed");
}
