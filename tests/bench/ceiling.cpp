// The yardstick of tests/bench/run: a bare evhttp server that answers every request with a fixed body of 200 octets.
// What xiond reaches is told as a part of what this reaches in the same run, on the same machine.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace {

const std::string body(200, 'x');

void answer(evhttp_request* request, void*) {
  evbuffer* out = evhttp_request_get_output_buffer(request);
  evbuffer_add(out, body.data(), body.size());
  evhttp_send_reply(request, 200, "OK", nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_ceiling PORT\n", stderr);
    return 2;
  }
  event_base* base = event_base_new();
  evhttp* http = evhttp_new(base);
  evhttp_set_gencb(http, answer, nullptr);
  evhttp_bound_socket* bound =
      evhttp_bind_socket_with_handle(http, "127.0.0.1", static_cast<unsigned short>(std::atoi(argv[1])));
  if (bound == nullptr) {
    std::fprintf(stderr, "127.0.0.1:%s: can't listen\n", argv[1]);
    return 2;
  }
  const int on = 1;
  setsockopt(evhttp_bound_socket_get_fd(bound), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  event_base_dispatch(base);
}
