#include <algorithm>
#include <limits>

#include "api/call/verbs.h"
#include "api/otp/search_query.h"
#include "app/codes/csv_otp.h"

namespace xion::verbs {
namespace {

/// Requests looked for at once: what one export keeps in memory, and holds up the store with, at a time. With 100 the
/// whole was a fifth quicker and took 20 to 35 MiB; with 32 it is below 16.
constexpr std::size_t slice_requests = 32;

/// How an export is written.
struct Format {
  std::string_view content_type, file_name;
  void (*names)(std::string& out);
  void (*row)(std::string& out, const OtpView& view, const Describing& describing);
};
constexpr Format csv{"text/csv; charset=utf-8; header=present", "otp.csv", csv_otp_names, csv_otp};
constexpr Format ndjson{"application/x-ndjson", "otp.ndjson", [](std::string&) {},
                        [](std::string& out, const OtpView& view, const Describing& describing) {
                          JsonWriter json;
                          describe_otp(json.begin_object(), view, describing);
                          out.append(std::move(json.end_object()).str()).push_back('\n');
                        }};

/// One export: slice after slice of the log, each read once the client has taken the one before. It is owned by
/// whatever it waits for, the store or the client, and dies with it.
struct Export {
  CallPtr call;
  OtpSearch search;  ///< Of the next slice.
  std::size_t left;  ///< Requests that may still be given.
  const Format& format;
  std::unique_ptr<HttpBody> body = nullptr;  ///< Null until the store has answered once.
};
using ExportPtr = std::unique_ptr<Export>;

void write_slice(ExportPtr made, OtpPage page);

void read_slice(ExportPtr made) {
  Services& services = made->call->services();
  made->search.limit = std::min(made->left, slice_requests);
  OtpSearch search = made->search;
  search_otps(services, std::move(search), [made = std::move(made)](OtpPage page, bool is_read) mutable {
    if (is_read) return write_slice(std::move(made), std::move(page));
    // Under way the only honest end is none: the connection breaks with the export.
    if (!made->body) made->call->refuse(ErrorCode::store_unavailable, "The store can't be read; try again");
  });
}

void write_slice(ExportPtr made, OtpPage page) {
  std::string text;
  Call& call = *made->call;
  if (!made->body) {
    made->body = call.answer_in_pieces(made->format.content_type, made->format.file_name);
    made->format.names(text);
  }
  if (made->body->is_gone()) return;
  const Describing describing{.routes = call.services().settings->routes,
                              .app_name = call.caller.app->app.name,
                              .shows_phone = call.caller.may(Scope::pii_read),
                              .now = call.services().loop.wall_now()};
  for (const OtpView& view : page.found) made->format.row(text, view, describing);
  made->left -= page.found.size();
  made->search.before = page.next;
  const bool is_over = !page.next || made->left == 0;
  if (text.empty()) return is_over ? made->body->end() : read_slice(std::move(made));
  HttpBody& body = *made->body;
  body.write(std::move(text), [made = std::move(made), is_over]() mutable {
    if (is_over)
      made->body->end();
    else
      read_slice(std::move(made));
  });
}

void begin(CallPtr call, const Format& format) {
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  auto search = read_search(*call, {.usual = all, .most = all});
  if (!search) return call->refuse(std::move(search.error()));
  const std::size_t limit = search->limit;
  read_slice(std::make_unique<Export>(std::move(call), std::move(*search), limit, format));
}

}  // namespace

void export_csv(CallPtr call) { begin(std::move(call), csv); }
void export_ndjson(CallPtr call) { begin(std::move(call), ndjson); }

}  // namespace xion::verbs
