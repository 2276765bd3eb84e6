#include "core/problem_json.h"

#include <fmt/format.h>

namespace xion {

JsonWriter begin_problem(std::string_view code, std::string_view title, std::string_view detail) {
  JsonWriter json;
  json.begin_object().field("ok", false).field("type", fmt::format("/docs/errors/#{}", code));
  json.field("title", title).field("code", code).field("detail", detail);
  return json;
}

}  // namespace xion
