#pragma once
#include <string>
#include <string_view>

#include "ports/http.h"

/// What the dashboard answers with.
namespace xion::dashboard {

/// What keeps a page from doing anything but what it is there for; every answer of the dashboard has it that can be
/// opened as one. (What every answer has is the HTTP server's to add.)
void add_guards(HttpAnswer& answer);

HttpAnswer json_answer(int status, std::string body);
/// An error of the dashboard's own calls: the API's shape with a hint.
HttpAnswer problem(int status, std::string_view code, std::string_view detail, std::string_view hint = {});
/// 405, with the methods that are taken.
HttpAnswer wrong_method(std::string_view allowed, std::string_view detail);

}  // namespace xion::dashboard
