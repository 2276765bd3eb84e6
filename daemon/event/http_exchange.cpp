#include "event/http_exchange.h"

#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/problem_json.h"
#include "event/http_body.h"

namespace xion {

unsigned method_flag(const evhttp_request& request) {
  unsigned flag = 0;
  std::memcpy(&flag, &request.type, sizeof flag);
  return flag;
}

namespace {

constexpr std::size_t padding_octets = 64;
/// The body in one piece, zeros behind it.
std::string_view padded_body(evbuffer* input) {
  static constexpr char zeros[padding_octets] = {};
  const std::size_t length = evbuffer_get_length(input);
  evbuffer_add(input, zeros, sizeof zeros);
  return {reinterpret_cast<const char*>(evbuffer_pullup(input, -1)), length};
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    auto item = list.substr(0, comma);
    while (item.starts_with(' ') || item.starts_with('\t')) item.remove_prefix(1);
    while (item.ends_with(' ') || item.ends_with('\t')) item.remove_suffix(1);
    if (item.size() == token.size() && strncasecmp(item.data(), token.data(), token.size()) == 0) return true;
    list = comma == list.npos ? std::string_view{} : list.substr(comma + 1);
  }
  return false;
}

/// Fields of an answer that evhttp never asks for. It takes each as three pieces of memory and prints it by itself,
/// some 1,700 instructions; so they go as one, whose value has the others in it as they stand on the wire.
class FieldBlock {
 public:
  FieldBlock() { rest_.reserve(usual_octets); }
  /// What would end a field, or all of them, is not sent: as evhttp has it.
  void add(std::string_view name, std::string_view value) {
    if (name.empty() || !stays_on_its_line(name) || !stays_on_its_line(value)) return;
    if (first_.empty())
      first_ = name;
    else
      rest_.append("\r\n").append(name).append(": ");
    rest_.append(value);
  }
  void put(evkeyvalq* headers) const {
    if (first_.empty() || evhttp_add_header(headers, first_.c_str(), "") != 0) return;
    evkeyval* added = headers->tqh_first;
    while (added->next.tqe_next != nullptr) added = added->next.tqe_next;
    char* const value = ::strdup(rest_.c_str());
    if (value != nullptr) std::free(std::exchange(added->value, value));
  }

 private:
  static bool stays_on_its_line(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  }

  static constexpr std::size_t usual_octets = 223;

  std::string first_;
  std::string rest_;  ///< The first one's value, then the others.
};

/// The client's own where that can do no harm, else one of ours.
std::string request_id_of(const evhttp_request& request) {
  const char* own = evhttp_find_header(request.input_headers, "X-Request-Id");
  return own != nullptr && is_sane_request_id(own) ? std::string(own) : fresh_request_id();
}

}  // namespace

LiveExchange::LiveExchange(HttpConnection& connection, evhttp_request* request)
    : connection_(&connection),
      request_(request),
      target_(path_of_target(request->uri)),
      body_(padded_body(request->input_buffer)),
      is_local_(connection.is_local) {}

LiveExchange::~LiveExchange() {
  if (request_ == nullptr) return;
  const HttpRefusal refusal{500, "internal", "The request was not answered."};
  reply({.status = refusal.status,
         .content_type = std::string(problem_content_type),
         .headers = {{"X-Request-Id", request_id_of(*request_)}},
         .body = problem_json(refusal)});
}

HttpMethod LiveExchange::method() const {
  switch (request_ == nullptr ? 0 : method_flag(*request_)) {
    case EVHTTP_REQ_GET: return HttpMethod::get;
    case EVHTTP_REQ_HEAD: return HttpMethod::head;
    case EVHTTP_REQ_POST: return HttpMethod::post;
    case EVHTTP_REQ_PUT: return HttpMethod::put;
    case EVHTTP_REQ_PATCH: return HttpMethod::patch;
    case EVHTTP_REQ_DELETE: return HttpMethod::del;
    case EVHTTP_REQ_OPTIONS: return HttpMethod::options;
    default: return HttpMethod::other;  // A set of flags, not a closed enumeration.
  }
}

std::string_view LiveExchange::path() const { return target_.substr(0, target_.find('?')); }

std::string_view LiveExchange::query() const {
  const auto mark = target_.find('?');
  return mark == target_.npos ? std::string_view{} : target_.substr(mark + 1);
}

std::optional<std::string_view> LiveExchange::header(std::string_view name) const {
  if (request_ == nullptr) return std::nullopt;
  for (const evkeyval* header = request_->input_headers->tqh_first; header != nullptr; header = header->next.tqe_next) {
    if (strncasecmp(header->key, name.data(), name.size()) == 0 && header->key[name.size()] == '\0')
      return header->value;
  }
  return std::nullopt;
}

std::string_view LiveExchange::peer_address() const {
  if (is_local_ || request_ == nullptr) return {};
  std::string_view address = request_->remote_host;
  if (address.starts_with("::ffff:") && address.contains('.')) address.remove_prefix(7);
  return address;
}

evhttp_request* LiveExchange::let_go() {
  evhttp_request* request = std::exchange(request_, nullptr);
  target_ = body_ = {};
  if (request != nullptr && connection_ == nullptr) evhttp_request_free(std::exchange(request, nullptr));
  return request;
}

/// What every answer has, whoever made it.
void LiveExchange::put_headers(evhttp_request& request, const HttpAnswer& answer) {
  HttpConnections& table = connection_->table;
  evkeyvalq* headers = request.output_headers;
  evhttp_add_header(headers, "Date", table.date_header());
  FieldBlock fields;
  bool has_policy = false, has_id = false;
  for (const auto& [name, value] : answer.headers) {
    has_policy = has_policy || name == "RateLimit-Policy";
    has_id = has_id || name == "X-Request-Id";
    fields.add(name, value);
  }
  if (!has_id) fields.add("X-Request-Id", request_id_of(request));
  if (!has_policy) {
    const ConnectionQuota quota = table.quota();
    fields.add("RateLimit-Policy", quota.policy_header());
    fields.add("RateLimit", quota.state_header());
  }
  for (const GuardHeader& guard : guard_headers) {
    if (!guard.is_for_https || table.tls) fields.add(guard.name, guard.value);
  }
  fields.put(headers);
  const char* connection = evhttp_find_header(request.input_headers, "Connection");
  if (table.is_draining() || (connection != nullptr && has_token(connection, "close"))) {
    evhttp_add_header(headers, "Connection", "close");
  }
}

void LiveExchange::reply(HttpAnswer answer) {
  evhttp_request* const request = let_go();
  if (request == nullptr) return;
  const bool may_have_body = answer.status >= 200 && answer.status != 204 && answer.status != 304;
  if (may_have_body) {
    char length[24];
    *std::to_chars(std::begin(length), std::end(length), answer.body.size()).ptr = '\0';
    evhttp_add_header(request->output_headers, "Content-Type", answer.content_type.c_str());
    evhttp_add_header(request->output_headers, "Content-Length", length);
  }
  put_headers(*request, answer);
  if (may_have_body && method_flag(*request) != EVHTTP_REQ_HEAD)
    put_body(request->output_buffer, std::move(answer.body));
  HttpConnections& table = connection_->table;
  table.answer(*std::exchange(connection_, nullptr), request, answer.status);
}

std::unique_ptr<HttpBody> LiveExchange::reply_in_pieces(HttpAnswer head) {
  evhttp_request* const request = let_go();
  if (request == nullptr) return std::make_unique<LiveBody>();
  evhttp_add_header(request->output_headers, "Content-Type", head.content_type.c_str());
  put_headers(*request, head);
  HttpConnection& connection = *std::exchange(connection_, nullptr);
  connection.table.begin_answer(connection, request, head.status);
  if (method_flag(*request) == EVHTTP_REQ_HEAD) {
    evhttp_send_reply_end(request);
    return std::make_unique<LiveBody>();
  }
  return std::make_unique<LiveBody>(connection, request);
}

void LiveExchange::caller_is_known() {
  if (connection_ != nullptr) connection_->table.know(*connection_);
}

void LiveExchange::keep_request() {
  evhttp_request_own(request_);
  connection_ = nullptr;
}

}  // namespace xion
