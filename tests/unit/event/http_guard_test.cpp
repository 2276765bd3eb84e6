#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "unit/event/site.h"

using namespace xion;

namespace {

std::size_t resident_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss);
}

/// What ten refused clients may cost. Sanitizers keep freed memory for a while.
#ifdef XION_SANITIZED
constexpr std::size_t flat_kib = 1 << 20;
#else
constexpr std::size_t flat_kib = 8 * 1024;
#endif

void check_problem(const RawClient::Answer& answer, int status, std::string_view code) {
  CHECK(answer.status == status);
  CHECK(answer.head.contains("Content-Type: application/problem+json\r\n"));
  CHECK(answer.head.contains("X-Request-Id: "));
  CHECK(answer.head.contains("Connection: close\r\n"));
  CHECK(answer.body.starts_with(R"({"ok":false,"type":"/docs/errors/#)" + std::string(code) + R"(","title":")"));
  CHECK(answer.body.contains(R"("code":")" + std::string(code) + R"(","detail":")"));
}

}  // namespace

TEST_CASE("what is not well-formed HTTP gets 400 malformed_request in JSON, and the connection closes") {
  int handled = 0;
  Site site([&](std::unique_ptr<HttpExchange> exchange) {
    ++handled;
    echo(std::move(exchange));
  });
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  for (const std::string& request : std::vector<std::string>{
           "GARBAGE\r\n\r\n",
           "\x16\x03\x01 this is TLS, or so\r\n\r\n",
           "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
           "GET / HTTP/0.9\r\nHost: x\r\n\r\n",
           "GET / HTTP/-1.111 \r\nHost: x\r\n\r\n",
           "GET / HTTP/1.1\r\nno colon\r\n\r\n",
           "GET / HTTP/1.1\r\n\r\n",  // no Host
           "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
           "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
           "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
           "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n",
           "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
           post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
           post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: gzip\r\n\r\nhi",
           post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Content-Length: +2\r\n\r\nhi",
           post + "Content-Length: -2\r\n\r\nhi",
           post + "Content-Length: two\r\n\r\nhi",
           post + "Content-Length : 2\r\n\r\nhi",
           post + "Expect: the unexpected\r\nContent-Length: 2\r\n\r\nhi",
           "PROPFIND / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi",
           "GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + std::string(17'000, 'x') + "\r\n\r\n",
           "GET /" + std::string(17'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n",
       }) {
    CAPTURE(request.substr(0, 80));
    RawClient client(site.port);
    check_problem(client.ask(request), 400, "malformed_request");
    CHECK(client.is_closed_by_peer());
  }
  CHECK(handled == 0);
  CHECK(RawClient(site.port).ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
}

TEST_CASE("a refused HEAD gets no body") {
  Site site(echo);
  RawClient client(site.port);
  client.send("HEAD / HTTP/1.1\r\n\r\n");
  CHECK(client.read_answer(true).status == 400);
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("a body of 64 KiB is taken, one octet more gets 413") {
  Site site(echo);
  for (const std::size_t size : {65'536u, 65'537u}) {
    RawClient client(site.port);
    const auto answer = client.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) +
                                   "\r\n\r\n" + std::string(size, 'b'));
    if (size == 65'536) {
      CHECK(answer.status == 200);
    } else {
      check_problem(answer, 413, "body_too_large");
    }
  }
}

TEST_CASE("the body limit can be set") {
  Site site(echo, {.body_limit_octets = 10});
  RawClient client(site.port);
  check_problem(client.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world"), 413,
                "body_too_large");
}

TEST_CASE("ten clients that send 10 MB each read 413 when they are done, and memory stays flat") {
  Site site(echo);
  const std::string piece(1 << 16, 'b');
  const std::size_t before = resident_kib();
  for (const bool chunked : {false, true}) {
    for (int i = 0; i < 5; ++i) {
      RawClient client(site.port);
      client.send(std::string("POST / HTTP/1.1\r\nHost: x\r\n") +
                  (chunked ? "Transfer-Encoding: chunked\r\n\r\nA00000\r\n" : "Content-Length: 10485760\r\n\r\n"));
      for (int sent = 0; sent < 160; ++sent) client.send(piece);
      check_problem(client.read_answer(), 413, "body_too_large");
    }
  }
  CHECK(resident_kib() - before < flat_kib);
}

TEST_CASE("a client that waits for 100 Continue hears it, or at once that its body is too large") {
  Site site(echo);
  RawClient small(site.port);
  small.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(small.read_answer().status == 100);
  CHECK(small.ask("hi").body == "POST /? hi");
  RawClient large(site.port);
  check_problem(large.ask("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n"), 413,
                "body_too_large");
}

TEST_CASE("a request that dribbles in gets 408, and its every octet does not buy it time") {
  Site site(echo, {.request_timeout = Millis{600}});
  RawClient headers(site.port), body(site.port), silent(site.port);
  headers.send("GET / HTTP/1.1\r\n");
  body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n");
  // It goes on for as long as nobody stops it: were an octet to buy time, no answer would ever come.
  std::atomic<bool> is_over = false;
  std::thread dribble([&] {
    for (; !is_over; std::this_thread::sleep_for(std::chrono::milliseconds(100))) {
      headers.send("X-A: b\r\n");
      body.send("b");
    }
  });
  check_problem(headers.read_answer(), 408, "request_timeout");
  check_problem(body.read_answer(), 408, "request_timeout");
  is_over = true;
  dribble.join();
  CHECK(silent.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
}

TEST_CASE("the endless size of a chunk is neither kept nor waited for") {
  Site site(echo);
  RawClient client(site.port);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::size_t before = resident_kib();
  std::thread flood([&] {
    const std::string zeros(1 << 16, '0');
    for (int i = 0; i < 500; ++i) client.send(zeros);
    client.shut_sending();
  });
  check_problem(client.read_answer(), 400, "malformed_request");
  flood.join();
  CHECK(resident_kib() - before < flat_kib);
}

TEST_CASE("an idle connection is closed after its time, before its first request and between two") {
  Site site(echo, {.idle_timeout = Millis{1'000}});
  RawClient fresh(site.port), used(site.port);
  CHECK(used.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
  CHECK(fresh.is_closed_by_peer());
  CHECK(used.is_closed_by_peer());
}

TEST_CASE("a client that never reads its answer is closed") {
  std::atomic<bool> is_asked = false;
  Site site(
      [&](std::unique_ptr<HttpExchange> exchange) {
        exchange->reply(text_answer(std::string(30'000'000, 'L')));
        is_asked = true;
      },
      {.write_timeout = Millis{300}});
  RawClient client(site.port);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!is_asked) std::this_thread::yield();
  while (site.connections() > 0) std::this_thread::yield();
  CHECK(client.read_answer().body.size() < 30'000'000);
}

TEST_CASE("a handler may take longer than any limit for clients") {
  std::unique_ptr<HttpExchange> waiting;
  Site site([&](std::unique_ptr<HttpExchange> exchange) { waiting = std::move(exchange); },
            {.request_timeout = Millis{500}, .idle_timeout = Millis{500}, .write_timeout = Millis{500}});
  RawClient client(site.port);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!site.loop.call([&] { return waiting != nullptr; })) std::this_thread::yield();
  // Clients that came later have met the limits, twice over.
  for (int i = 0; i < 2; ++i) {
    CHECK(RawClient(site.port).is_closed_by_peer());
    check_problem(RawClient(site.port).ask("GET / HTTP/1.1\r\n"), 408, "request_timeout");
  }
  site.loop.call([&] { echo(std::move(waiting)); });
  CHECK(client.read_answer().status == 200);
}

TEST_CASE("one connection above the limit hears 503 overloaded, and there is room again when one leaves") {
  Site site(echo, {.max_connections = 3});
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) clients.emplace_back(site.port);
  for (auto& client : clients) CHECK(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
  {
    RawClient fourth(site.port);
    const auto answer = fourth.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    check_problem(answer, 503, "overloaded");
    CHECK(answer.head.contains("Retry-After: 1\r\n"));
  }
  clients.pop_back();
  while (site.connections() > 2) std::this_thread::yield();
  CHECK(RawClient(site.port).ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
}

TEST_CASE("while file descriptors are out, connections wait, and are served once there are some") {
  Site site(echo);
  RawClient waiting(site.port);  // Has its own descriptor already; the server has one for it too.
  CHECK(waiting.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
  std::vector<int> spent;
  for (int fd; (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) spent.push_back(fd);
  close(spent.back());
  spent.pop_back();
  RawClient late(site.port);  // Takes the last one: accept() fails.
  REQUIRE(late.is_connected());
  late.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(waiting.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  getrusage(RUSAGE_SELF, &after);
  const auto spent_ms = [](const rusage& usage) {
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
  };
  CHECK(spent_ms(after) - spent_ms(before) < 300);  // It did not spin.
  for (const int fd : spent) close(fd);
  CHECK(late.read_answer().status == 200);
}
