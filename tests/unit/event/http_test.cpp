#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "unit/event/site.h"

using namespace xion;

TEST_CASE("a handler sees method, path, query, headers, body and peer as they were sent") {
  std::string seen;
  Site site([&](std::unique_ptr<HttpExchange> exchange) {
    seen = std::string(exchange->peer_address()) + "|" + std::string(exchange->header("x-tEsT").value_or("none")) +
           "|" + std::string(exchange->header("x-tes").value_or("none"));
    echo(std::move(exchange));
  });
  REQUIRE(site.error.empty());
  RawClient client(site.port);
  const auto answer =
      client.ask("POST /v1/otp%20/a?b=c%3F&d HTTP/1.1\r\nHost: x\r\nX-Test: yes\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(answer.status == 200);
  CHECK(answer.body == "POST /v1/otp%20/a?b=c%3F&d hello");
  CHECK(seen == "127.0.0.1|yes|none");
  CHECK(answer.head.contains("Content-Type: text/plain\r\n"));
  CHECK(answer.head.contains("Date: "));
}

TEST_CASE("one connection serves request after request, pipelined ones in their order") {
  Site site(echo);
  RawClient client(site.port);
  for (int i = 0; i < 3; ++i) CHECK(client.ask("GET /one HTTP/1.1\r\nHost: x\r\n\r\n").body == "GET /one? ");
  std::string many;
  for (int i = 0; i < 200; ++i)
    many += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
  client.send(many);
  int in_order = 0;
  for (int i = 0; i < 200; ++i) in_order += client.read_answer().body == "POST /" + std::to_string(i) + "? hi";
  CHECK(in_order == 200);
  CHECK(site.connections() == 1);
}

TEST_CASE("a chunked body arrives whole, octet by octet or at once") {
  Site site(echo);
  RawClient client(site.port);
  for (const char c : std::string(
           "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")) {
    client.send({&c, 1});
  }
  CHECK(client.read_answer().body == "POST /? abcdefg");
  CHECK(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").body == "GET /? ");
}

TEST_CASE("64 octets behind the body can be read and are zero") {
  int zeros = 0;
  Site site([&](std::unique_ptr<HttpExchange> exchange) {
    const char* end = exchange->body().data() + exchange->body().size();
    zeros = static_cast<int>(std::count(end, end + 64, '\0'));
    echo(std::move(exchange));
  });
  for (const std::size_t size : {0u, 1u, 1000u, 4032u, 65'536u}) {
    RawClient client(site.port);
    const std::string body(size, 'b');
    const auto answer =
        client.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + body);
    CHECK(answer.body.size() == size + 8);
    CHECK(zeros == 64);
  }
}

TEST_CASE("a HEAD answer has the length of the body and no body") {
  Site site(echo);
  RawClient client(site.port);
  client.send("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = client.read_answer(true);
  CHECK(answer.status == 200);
  CHECK(answer.head.contains("Content-Length: 9\r\n"));
  CHECK(client.ask("GET /y HTTP/1.1\r\nHost: x\r\n\r\n").body == "GET /y? ");
}

TEST_CASE("answers without a body carry neither length nor type") {
  Site site([](std::unique_ptr<HttpExchange> exchange) {
    exchange->reply({.status = 204, .content_type = {}, .headers = {{"X-A", "b"}}, .body = {}});
  });
  RawClient client(site.port);
  const auto answer = client.ask("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(answer.head.starts_with("HTTP/1.1 204 No Content\r\n"));
  CHECK(answer.head.contains("X-A: b\r\n"));
  CHECK_FALSE(answer.head.contains("\r\nContent-"));
}

TEST_CASE("Connection: close is honoured, also within a list, and HTTP/1.0 closes unless asked to stay") {
  Site site(echo);
  for (const char* request : {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                              "GET / HTTP/1.1\r\nHost: x\r\nConnection: TE, Close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    RawClient client(site.port);
    client.send(request);
    const std::string all = client.read_all();
    CHECK(all.contains(" 200 OK\r\n"));
    CHECK(all.ends_with("GET /? "));
  }
  RawClient stays(site.port);
  for (int i = 0; i < 2; ++i) CHECK(stays.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").body == "GET /? ");
}

TEST_CASE("methods that evhttp does not know reach the handler as other") {
  Site site(echo);
  RawClient client(site.port);
  CHECK(client.ask("PROPFIND /p HTTP/1.1\r\nHost: x\r\n\r\n").body == "other /p? ");
  CHECK(client.ask("TRACE /t HTTP/1.1\r\nHost: x\r\n\r\n").body == "other /t? ");
  CHECK(client.ask("OPTIONS /o HTTP/1.1\r\nHost: x\r\n\r\n").body == "OPTIONS /o? ");
  CHECK(client.ask("PATCH /q HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nz").body == "PATCH /q? z");
}

TEST_CASE("an answer may come later, and its client is served in the meantime by nobody else's") {
  std::vector<std::unique_ptr<HttpExchange>> waiting;
  Site site([&](std::unique_ptr<HttpExchange> exchange) { waiting.push_back(std::move(exchange)); });
  RawClient first(site.port), second(site.port);
  first.send("GET /first HTTP/1.1\r\nHost: x\r\n\r\n");
  second.send("GET /second HTTP/1.1\r\nHost: x\r\n\r\n");
  while (site.loop.call([&] { return waiting.size(); }) < 2) std::this_thread::yield();
  site.loop.call([&] {
    for (auto& exchange : waiting) echo(std::move(exchange));
  });
  CHECK(first.read_answer().body == "GET /first? ");
  CHECK(second.read_answer().body == "GET /second? ");
}

TEST_CASE("the answer for a client that has gone is dropped, and what was asked can still be read") {
  std::unique_ptr<HttpExchange> waiting;
  Site site([&](std::unique_ptr<HttpExchange> exchange) { waiting = std::move(exchange); });
  for (const bool by_reset : {false, true}) {
    {
      RawClient client(site.port);
      client.send("POST /gone HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
      while (!site.loop.call([&] { return waiting != nullptr; })) std::this_thread::yield();
      if (by_reset) client.reset();
    }
    site.loop.call([&] {
      CHECK(waiting->path() == "/gone");
      CHECK(waiting->body() == "body");
      CHECK(waiting->peer_address() == "127.0.0.1");
      waiting->reply(text_answer(std::string(100'000, 'x')));
      waiting.reset();
    });
  }
  while (site.connections() > 0) std::this_thread::yield();
  CHECK(site.connections() == 0);
}

TEST_CASE("a request that is let go of unanswered is answered with 500 internal") {
  Site site([](std::unique_ptr<HttpExchange>) {});
  RawClient client(site.port);
  const auto answer = client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(answer.status == 500);
  CHECK(answer.head.contains("Content-Type: application/problem+json\r\n"));
  CHECK(answer.body.contains(R"("ok":false,"type":"/docs/errors/#internal")"));
}

TEST_CASE("only the first reply counts") {
  Site site([](std::unique_ptr<HttpExchange> exchange) {
    exchange->reply(text_answer("one"));
    exchange->reply(text_answer("two"));
  });
  RawClient client(site.port);
  for (int i = 0; i < 2; ++i) CHECK(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").body == "one");
}

TEST_CASE("an exchange that outlives its server can be read and let go of") {
  std::unique_ptr<HttpExchange> waiting;
  Site site([&](std::unique_ptr<HttpExchange> exchange) { waiting = std::move(exchange); });
  RawClient client(site.port);
  client.send("GET /kept HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!site.loop.call([&] { return waiting != nullptr; })) std::this_thread::yield();
  site.loop.call([&] { site.server.reset(); });
  CHECK(waiting->path() == "/kept");
  site.loop.call([&] { waiting->reply(text_answer("too late")); });
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("a large answer reaches a client that reads slowly, and one that has shut its sending side") {
  const std::string large(5'000'000, 'L');
  Site site([&](std::unique_ptr<HttpExchange> exchange) { exchange->reply(text_answer(large)); });
  RawClient client(site.port);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.shut_sending();
  CHECK(client.read_answer().body.size() == large.size());
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("what a client sends while it does not read its answer is not taken in") {
  Site site(
      [&](std::unique_ptr<HttpExchange> exchange) { exchange->reply(text_answer(std::string(20'000'000, 'L'))); });
  RawClient client(site.port);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  // The kernel's buffers fill and sending comes to a stop: nobody reads.
  const timeval soon{0, 300'000};
  setsockopt(client.fd(), SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
  const std::string flood(1 << 20, 'f');
  ssize_t sent = 0, total = 0;
  while ((sent = send(client.fd(), flood.data(), flood.size(), MSG_NOSIGNAL)) > 0 && total < 64 << 20) total += sent;
  CHECK(total < 64 << 20);
}

TEST_CASE("1,000 idle connections keep nobody from being served") {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
  setrlimit(RLIMIT_NOFILE, &files);
  Site site(echo);
  std::vector<RawClient> idle;
  for (int i = 0; i < 1000; ++i) idle.emplace_back(site.port);
  RawClient client(site.port);
  int served = 0;
  for (int i = 0; i < 200; ++i) served += client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200;
  CHECK(served == 200);
  CHECK(site.connections() == 1001);
  CHECK(idle.back().ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
}

TEST_CASE("stopping refuses new connections, closes idle ones, and still answers what was asked") {
  std::unique_ptr<HttpExchange> waiting;
  Site site([&](std::unique_ptr<HttpExchange> exchange) { waiting = std::move(exchange); });
  RawClient idle(site.port), asking(site.port), halfway(site.port);
  halfway.send("GET /half HTTP/1.1\r\n");  // First, so that it has begun once the other is asked.
  asking.send("GET /asked HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!site.loop.call([&] { return waiting != nullptr; }) || site.connections() < 3) std::this_thread::yield();
  std::promise<void> stopped;
  site.loop.call([&] { site.server->stop([&] { stopped.set_value(); }); });
  CHECK(idle.is_closed_by_peer());
  CHECK_FALSE(RawClient(site.port).is_connected());
  site.loop.call([&] { echo(std::exchange(waiting, nullptr)); });
  const auto answer = asking.read_answer();
  CHECK(answer.body == "GET /asked? ");
  CHECK(answer.head.contains("Connection: close\r\n"));
  CHECK(asking.is_closed_by_peer());
  halfway.send("Host: x\r\n\r\n");
  while (site.connections() > 0) {
    site.loop.call([&] {
      if (waiting) echo(std::exchange(waiting, nullptr));
    });
  }
  stopped.get_future().wait();
  CHECK(site.connections() == 0);
}

TEST_CASE("a Unix socket serves like a port, its peer has no address, and its file goes with the server") {
  const std::string path = "/tmp/xion-http-" + std::to_string(getpid()) + ".sock";
  std::string peer = "?";
  Site site([&](std::unique_ptr<HttpExchange> exchange) {
    peer = exchange->peer_address();
    echo(std::move(exchange));
  });
  site.loop.call([&] { REQUIRE(site.server->listen("unix:" + path).has_value()); });
  {
    RawClient client(path);
    CHECK(client.ask("GET /u HTTP/1.1\r\nHost: x\r\n\r\n").body == "GET /u? ");
  }
  CHECK(peer.empty());
  CHECK(site.loop.call([&] { return site.server->addresses(); }).at(1) == "unix:" + path);
  site.loop.call([&] { site.server.reset(); });
  CHECK(access(path.c_str(), F_OK) != 0);
}

TEST_CASE("a port in use is said in one sentence") {
  Site site(echo);
  const std::string address = "127.0.0.1:" + std::to_string(site.port);
  const auto second = site.loop.call([&] { return site.server->listen(address); });
  CHECK(second.error() == address + ": address already in use (another xiond?)");
}

TEST_CASE("an inherited socket is served, and what is no socket is refused") {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in loopback{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) == 0);
  REQUIRE(listen(fd, 10) == 0);
  Site site(echo);
  site.loop.call([&] {
    CHECK(site.server->adopt(fd).has_value());
    CHECK(site.server->adopt(0).error() == "file descriptor 0: not a socket");
  });
  const std::string address = site.loop.call([&] { return site.server->addresses().at(1); });
  RawClient client(static_cast<std::uint16_t>(std::atoi(address.c_str() + address.rfind(':') + 1)));
  CHECK(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
}
