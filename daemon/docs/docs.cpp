#include "docs/docs.h"

#include <algorithm>
#include <string>

#include "core/accepts_gzip.h"
#include "core/problem_json.h"
#include "docs/pages.h"

namespace xion::docs {
namespace {

constexpr std::string_view root = "/docs/";

void add_guards(HttpAnswer& answer) {
  answer.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'");
  answer.headers.emplace_back("Referrer-Policy", "no-referrer");
}

HttpAnswer redirect(int status, std::string_view to) {
  return {.status = status, .content_type = "text/plain", .headers = {{"Location", std::string(to)}}, .body = {}};
}

HttpAnswer refusal(int status, std::string_view code, std::string_view title, std::string_view detail) {
  return {.status = status,
          .content_type = std::string(problem_content_type),
          .headers = {},
          .body = std::move(begin_problem(code, title, detail).end_object()).str()};
}

HttpAnswer answer_with(const Page& page, const HttpExchange& exchange) {
  HttpAnswer answer{.status = 200, .content_type = std::string(page.content_type), .headers = {}, .body = {}};
  answer.headers.emplace_back("ETag", page.etag);
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  // The folder of files changes its name with any of them; the pages are asked for again.
  const bool is_file = page.path.starts_with("assets/");
  answer.headers.emplace_back("Cache-Control", is_file ? "public, max-age=31536000, immutable" : "no-cache");
  add_guards(answer);
  if (exchange.header("If-None-Match").value_or("") == page.etag) {
    answer.status = 304;
  } else if (accepts_gzip(exchange.header("Accept-Encoding").value_or(""))) {
    answer.headers.emplace_back("Content-Encoding", "gzip");
    answer.body = page.gzip;
  } else {
    answer.body = page.plain;
  }
  return answer;
}

HttpAnswer answer_to(const HttpExchange& exchange) {
  if (exchange.method() != HttpMethod::get && exchange.method() != HttpMethod::head) {
    HttpAnswer answer =
        refusal(405, "method_not_allowed", "This path does not take this method", "The guide is read: GET, HEAD");
    answer.headers.emplace_back("Allow", "GET, HEAD");
    return answer;
  }
  std::string_view path = exchange.path();
  if (path == "/") return redirect(302, root);
  if (path == "/docs") return redirect(308, root);
  path.remove_prefix(root.size());
  const auto all = pages();
  const auto found = std::ranges::find(all, path, &Page::path);
  if (found != all.end()) return answer_with(*found, exchange);
  const bool lacks_slash = std::ranges::find(all, std::string(path) + "/", &Page::path) != all.end();
  if (lacks_slash) return redirect(308, std::string(root).append(path).append("/"));
  return refusal(404, "not_found", "There is nothing here", "The guide has no such page");
}

}  // namespace

bool is_for(std::string_view path) { return path == "/" || path == "/docs" || path.starts_with(root); }

void handle(std::unique_ptr<HttpExchange> exchange) { exchange->reply(answer_to(*exchange)); }

}  // namespace xion::docs
