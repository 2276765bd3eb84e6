// A backend that takes webhooks as quickly as one can: bench_receiver PORT. It keeps connections, answers 204, and
// counts events by their ids. GET /stats tells: calls, events, repeats, connections.
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_set>

namespace {

struct Counts {
  std::uint64_t calls = 0, events = 0, repeats = 0, connections = 0;
  std::unordered_set<std::string> ids;

  void take(std::string_view id) {
    ++events;
    if (!ids.emplace(id).second) ++repeats;
  }
};

/// The events of a batch have their ids within.
void take_batch(Counts& counts, std::string_view body) {
  constexpr std::string_view mark = R"({"id":"msg_)";
  for (std::size_t at = body.find(mark); at != std::string_view::npos; at = body.find(mark, at + 1))
    counts.take(body.substr(at + 7, 20));
}

void on_call(evhttp_request* request, void* self) {
  auto& counts = *static_cast<Counts*>(self);
  ++counts.calls;
  const char* id = evhttp_find_header(evhttp_request_get_input_headers(request), "webhook-id");
  if (id != nullptr) {
    evbuffer* input = evhttp_request_get_input_buffer(request);
    const std::size_t octets = evbuffer_get_length(input);
    const std::string_view body(reinterpret_cast<const char*>(evbuffer_pullup(input, -1)), octets);
    if (body.starts_with(R"({"type":"batch")"))
      take_batch(counts, body);
    else
      counts.take(id);
  }
  evhttp_send_reply(request, 204, "No Content", nullptr);
}

void on_stats(evhttp_request* request, void* self) {
  const auto& counts = *static_cast<const Counts*>(self);
  evbuffer* body = evbuffer_new();
  evbuffer_add_printf(body, R"({"calls":%ju,"events":%ju,"repeats":%ju,"connections":%ju})", uintmax_t{counts.calls},
                      uintmax_t{counts.events}, uintmax_t{counts.repeats}, uintmax_t{counts.connections});
  evhttp_send_reply(request, 200, "OK", body);
  evbuffer_free(body);
}

bufferevent* on_connection(event_base* base, void* self) {
  ++static_cast<Counts*>(self)->connections;
  return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  event_base* base = event_base_new();
  evhttp* server = evhttp_new(base);
  Counts counts;
  evhttp_set_bevcb(server, &on_connection, &counts);
  evhttp_set_cb(server, "/stats", &on_stats, &counts);
  evhttp_set_gencb(server, &on_call, &counts);
  evhttp_bound_socket* bound =
      evhttp_bind_socket_with_handle(server, "127.0.0.1", static_cast<std::uint16_t>(std::atoi(arguments[1])));
  if (bound == nullptr) return 1;
  const int on = 1;
  setsockopt(evhttp_bound_socket_get_fd(bound), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  event_base_dispatch(base);
  return 0;
}
