// What the HTTP API reads: bodies of send and verify, queries and cursors, paths, headers, times. Whatever comes, the
// answer is a request that keeps the field rules, or a problem that is JSON of the catalogue's form.
//
// The first octet says what the rest is read as.
#include <algorithm>
#include <string>

#include "api/call/json_request.h"
#include "api/call/path.h"
#include "api/call/query.h"
#include "api/call/request_headers.h"
#include "api/otp/search_query.h"
#include "api/otp/send_fields.h"
#include "api/otp/verify_fields.h"
#include "app/owners/bearer_key.h"
#include "base/utf8.h"
#include "fuzz_input.h"
#include "ports/http.h"

using namespace xion;

namespace {

constexpr std::size_t json_padding = 64;

/// As the HTTP adapter hands bodies over.
std::string padded(std::string_view text) {
  std::string body(text);
  body.append(json_padding, '\0');
  return body;
}

void check_problem(Problem problem) {
  const auto& entry = catalogue_entry(problem.code());
  const StoredAnswer answer = std::move(problem).answer();
  XION_ASSERT(answer.http_status == entry.http_status && answer.http_status >= 400 && answer.http_status < 500);
  XION_ASSERT(from_utf8(answer.body).has_value());
  XION_ASSERT(std::ranges::none_of(answer.headers, [](char c) { return c == '\r' || c == '\0'; }));
  JsonReader reader;
  const std::string body = padded(answer.body);
  const auto members = reader.object(std::string_view(body).substr(0, answer.body.size()));
  XION_ASSERT(members.has_value());
  const auto code = std::ranges::find(*members, "code", &JsonMember::name);
  XION_ASSERT(code != members->end() && code->text == entry.name);
}

bool is_e164(std::string_view phone) {
  return phone.size() >= 8 && phone.size() <= 16 && phone[0] == '+' && phone[1] != '0' &&
         std::ranges::all_of(phone.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

PhoneCache& phones() {
  static PhoneCache cache(16);
  return cache;
}

void as_send(std::string_view text) {
  static JsonReader reader;
  const std::string body = padded(text);
  SendBody read;
  if (auto problem = read_send_body(reader, std::string_view(body).substr(0, text.size()), read))
    return check_problem(std::move(*problem));
  for (const std::string* kept :
       {&read.request.purpose, &read.request.reference, &read.request.locale, &read.request.user_id})
    XION_ASSERT(from_utf8(*kept).has_value() && kept->find('\0') == std::string::npos);
  XION_ASSERT(!read.request.code_length || (*read.request.code_length >= 4 && *read.request.code_length <= 10));
  XION_ASSERT(read.request.metadata.size() <= 10 && read.request.variables.size() <= JsonReader::max_pairs);
  auto checked = check_send_body(read, phones());
  if (!checked) return check_problem(std::move(checked.error()));
  XION_ASSERT(is_e164(checked->phone.e164));
}

void as_verify(std::string_view text) {
  static JsonReader reader;
  const std::string body = padded(text);
  VerifyBody read;
  if (auto problem = read_verify_body(reader, std::string_view(body).substr(0, text.size()), read))
    return check_problem(std::move(*problem));
  const std::string_view code = read.request.code.reveal();
  // Empty: what was typed is no code, and counts as a wrong guess.
  XION_ASSERT(std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; }));
  XION_ASSERT(read.phone || read.request.request_id);
  if (read.request.request_id)
    XION_ASSERT(parse_otp_id(to_string(*read.request.request_id)) == read.request.request_id);
}

void as_query(std::string_view text) {
  const auto parameters = parse_query(text);
  if (!parameters) check_problem(parameters.error());
  auto search = read_search(text, phones(), {.usual = 20, .most = 100});
  if (!search) return check_problem(std::move(search.error()));
  XION_ASSERT(parameters.has_value() && search->limit >= 1 && search->limit <= 100);
  XION_ASSERT(!search->phone || is_e164(*search->phone));
  if (!search->before) return;
  auto again = read_search("cursor=" + cursor_of(*search->before), phones(), {.usual = 20, .most = 100});
  XION_ASSERT(again.has_value() && again->before == search->before);
}

void as_path(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return;  // No request line has one.
  const auto path = plain_path(text);
  if (!path) return;
  XION_ASSERT(path->find('\0') == std::string::npos);
  std::string id;
  if (path_matches("/v1/otp/{id}/cancel", *path, id)) XION_ASSERT(!id.empty() && id.find('/') == std::string::npos);
  if (path_matches("/v1/otp/send", *path, id)) XION_ASSERT(*path == "/v1/otp/send");
}

void as_header(std::string_view text) {
  if (const auto key = bearer_key(text)) XION_ASSERT(text.find(*key) != std::string_view::npos);
  for (const bool is_kept : {is_sane_request_id(text), is_idempotency_key(text)})
    if (is_kept) XION_ASSERT(std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; }));
  if (is_json_type(text)) XION_ASSERT(text.size() >= 16);
}

void as_time(std::string_view text) {
  if (const auto at = parse_time(text)) {
    // An offset may lead out of the years that are read; ids are made of it all the same.
    const auto again = parse_time(rfc3339(*at));
    XION_ASSERT(!again || (*again <= *at && *at - *again < Seconds{1}));
    (void)first_otp_id_at(*at);
  }
  if (const auto day = parse_date(text)) XION_ASSERT(parse_date(date_of(*day)) == day);
  (void)parse_whole(text, 1'000'000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr void (*readings[])(std::string_view) = {as_send, as_verify, as_query, as_path, as_header, as_time};
  fuzz::Input input(data, size);
  const std::size_t which = input.octet();
  readings[which % std::size(readings)](input.rest());
  return 0;
}
