#include "core/otp/bound_code.h"

#include <doctest/doctest.h>

#include "core/otp/search_names.h"

namespace xion {
namespace {

TEST_CASE("a code that is bound to nothing is hashed alone, and no two binds read alike") {
  const Secret code("123456");
  CHECK(bound_code(code, {}).reveal() == "123456");
  const Bind binds[] = {
      {},         {{"a", "b"}}, {{"a", "bc"}}, {{"ab", "c"}}, {{"a", "b"}, {"c", "d"}}, {{"a", "b\0c"}, {"d", "e"}},
      {{"a", ""}}};
  for (const Bind& one : binds)
    for (const Bind& other : binds)
      CHECK((bound_code(code, one).reveal() == bound_code(code, other).reveal()) == (&one == &other));
  CHECK(bound_code(code, sorted({{"b", "2"}, {"a", "1"}})).reveal() ==
        bound_code(code, sorted({{"a", "1"}, {"b", "2"}})).reveal());
}

TEST_CASE("a request is found by its user, its metadata and a purpose that is not the usual one") {
  Otp otp;
  CHECK(search_names(otp).empty());
  otp.purpose = "test:default";
  CHECK(search_names(otp).empty());
  otp.user_id = "u1";
  otp.purpose = "login";
  otp.metadata = {{"order", "7"}, {"tier", ""}};
  const auto names = search_names(otp);
  CHECK(names == std::vector<std::string>{user_name("u1"), purpose_name("login"), metadata_name("order", "7"),
                                          metadata_name("tier", "")});
  CHECK(purpose_name("default").empty());
  CHECK(user_name("x") != purpose_name("x"));
}

}  // namespace
}  // namespace xion
