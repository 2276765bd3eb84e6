#include <fmt/format.h>

#include "cli/onboard.h"

namespace xion::cli {
namespace {

std::string call_of(const Welcome& welcome, std::string_view path, std::string_view body) {
  return fmt::format(
      "curl -X POST {}{} \\\n  -H 'Authorization: Bearer {}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{}'",
      welcome.base_url, path, welcome.test_key, body);
}

std::string send_call(const Welcome& welcome) {
  return call_of(welcome, "/v1/otp/send", R"({"phone": "+37499120001", "channel": "sms", "ttlSeconds": 120})");
}
std::string verify_call(const Welcome& welcome) {
  return call_of(welcome, "/v1/otp/verify", R"({"phone": "+37499120001", "code": "000000"})");
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out.push_back(c);
    }
  }
  return out;
}

constexpr std::string_view style =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "pre{background:#f4f4f4;padding:1rem;font-size:14px;overflow-x:auto;border-radius:6px}td{padding:.2rem 1rem .2rem "
    "0;"
    "vertical-align:top}code{word-break:break-all}@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}"
    "pre{background:#262626}a{color:#8ab4f8}}";

}  // namespace

std::string welcome_text(const Welcome& welcome) {
  std::string out = fmt::format(
      "XionID for {}\n\n"
      "Base URL    {}\nLive key    {}\nTest key    {}\n\n"
      "Keep the keys on your backend; they are shown this once.\n"
      "The test key never sends an SMS: 000000 verifies, and a number's last four digits\n"
      "pick a story (0001 delivered, 0002 undelivered, 0005 cooldown_active, 0007 locked, ...).\n\n"
      "1. Send a code\n\n{}\n\n2. Verify it\n\n{}\n\n"
      "Every failure is 4xx or 5xx, a wrong code too, as application/problem+json with a\nstable `code`.\n\n",
      welcome.app, welcome.base_url, welcome.live_key, welcome.test_key, send_call(welcome), verify_call(welcome));
  out += fmt::format("Plan {}\n", welcome.plan);
  for (const std::string& limit : welcome.limits) out += fmt::format("  {}\n", limit);
  out += fmt::format("\nDocs        {0}/docs/\nContract    {0}/openapi.yaml\nErrors      {0}/v1/errors\n",
                     welcome.base_url);
  if (!welcome.invitation.empty())
    out += fmt::format("Dashboard   {}\n            (works once, within ten minutes; ask for another)\n",
                       welcome.invitation);
  if (!welcome.contact.empty()) out += fmt::format("Whom to ask {}\n", welcome.contact);
  return out;
}

std::string welcome_html(const Welcome& welcome) {
  const std::string app = escaped(welcome.app), url = escaped(welcome.base_url);
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">\n<title>XionID for {0}</title><style>{1}</style></head><body>\n"
      "<h1>XionID for {0}</h1>\n<table>\n<tr><td>Base URL<td><code>{2}</code>\n<tr><td>Live key<td><code>{3}</code>\n"
      "<tr><td>Test key<td><code>{4}</code>\n</table>\n<p>Keep the keys on your backend; they are shown this once. The "
      "test "
      "key never sends an SMS: <code>000000</code> verifies, and a number's last four digits pick a story.</p>\n"
      "<h2>1. Send a code</h2>\n<pre>{5}</pre>\n<h2>2. Verify it</h2>\n<pre>{6}</pre>\n<p>Every failure is 4xx or 5xx, "
      "a "
      "wrong code too, as <code>application/problem+json</code> with a stable <code>code</code>.</p>\n<h2>Plan "
      "{7}</h2>\n<ul>\n",
      app, style, url, escaped(welcome.live_key), escaped(welcome.test_key), escaped(send_call(welcome)),
      escaped(verify_call(welcome)), escaped(welcome.plan));
  for (const std::string& limit : welcome.limits) out += fmt::format("<li>{}\n", escaped(limit));
  out += fmt::format(
      "</ul>\n<p><a href=\"{0}/docs/\">Docs</a> · <a href=\"{0}/openapi.yaml\">Contract</a> · <a "
      "href=\"{0}/v1/errors\">Errors</a>",
      url);
  if (!welcome.invitation.empty())
    out += fmt::format(" · <a href=\"{}\">Dashboard</a> (works once, within ten minutes)", escaped(welcome.invitation));
  out += "</p>\n";
  if (!welcome.contact.empty()) out += fmt::format("<p>Whom to ask: {}</p>\n", escaped(welcome.contact));
  return out + "</body></html>\n";
}

}  // namespace xion::cli
