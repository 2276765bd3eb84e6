#include <doctest/doctest.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "unit/event/stream_log.h"

using namespace xion;

namespace {

/// A listening socket whose other end is the test itself.
struct Door {
  Door() : fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    bind(fd, reinterpret_cast<sockaddr*>(&address), length);
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    port = ntohs(address.sin_port);
    listen(fd, 10);
  }
  ~Door() { close(fd); }
  std::string at(const std::string& host) const { return host + ":" + std::to_string(port); }
  int accepted() const { return accept(fd, nullptr, nullptr); }
  int fd;
  std::uint16_t port = 0;
};

std::string read_all(int fd) {
  std::string all;
  char piece[4096];
  for (ssize_t got; (got = read(fd, piece, sizeof piece)) > 0;) all.append(piece, static_cast<std::size_t>(got));
  return all;
}

}  // namespace

TEST_CASE("a stream opens, carries octets both ways and hears that the peer has closed") {
  Door door;
  for (const char* host : {"127.0.0.1", "localhost"}) {  // A literal, and a name that a thread looks up.
    EventLoop loop;
    StreamLog log(loop);
    auto stream = loop.connect({door.at(host), {}}, log);
    CHECK(log.opened == 0);  // Never before connect has returned.
    log.opening = [&] { stream->write("hello"); };
    std::string heard;
    std::thread peer([&] {
      const int fd = door.accepted();
      char word[5];
      heard.assign(word, static_cast<std::size_t>(recv(fd, word, sizeof word, MSG_WAITALL)));
      send(fd, "world", 5, 0);
      close(fd);
    });
    loop.run();
    peer.join();
    CHECK(heard == "hello");
    CHECK(log.received == "world");
    CHECK(log.reason == "closed by the peer");
    CHECK(log.opened == 1);
    CHECK(log.closed == 1);
  }
}

TEST_CASE("a refused connection closes once, with its reason") {
  Door door;
  const std::string address = door.at("127.0.0.1");
  close(door.fd);
  door.fd = -1;
  EventLoop loop;
  StreamLog log(loop);
  auto stream = loop.connect({address, {}}, log);
  CHECK(log.closed == 0);
  loop.run();
  CHECK(log.opened == 0);
  CHECK(log.closed == 1);
  CHECK(log.reason == "connection refused");
}

TEST_CASE("a name that does not exist, and an address that is none, close with a reason") {
  EventLoop loop;
  StreamLog unknown(loop), wrong(loop);
  auto first = loop.connect({"no-such-host.invalid:2775", {}}, unknown);
  loop.run();
  CHECK(unknown.reason.starts_with("no-such-host.invalid: look-up failed: "));
  auto second = loop.connect({"127.0.0.1", {}}, wrong);
  loop.run();
  CHECK(wrong.reason == "127.0.0.1: the port is missing, as in 127.0.0.1:8080");
}

TEST_CASE("a reset is told apart from a close") {
  Door door;
  EventLoop loop;
  StreamLog log(loop);
  auto stream = loop.connect({door.at("127.0.0.1"), {}}, log);
  std::thread peer([&] {
    const int fd = door.accepted();
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
  });
  loop.run();
  peer.join();
  CHECK(log.reason == "reset by peer");
}

TEST_CASE("close_when_written loses nothing that was written, and closes once") {
  Door door;
  EventLoop loop;
  StreamLog log(loop);
  auto stream = loop.connect({door.at("127.0.0.1"), {}}, log);
  const std::string large(3'000'000, 'w');
  log.opening = [&] {
    stream->write(large);
    CHECK(stream->unwritten_octets() == large.size());
    stream->close_when_written();
    stream->write("too late");
    stream->close_when_written();
    CHECK(log.closed == 0);
  };
  std::string heard;
  std::thread peer([&] {
    const int fd = door.accepted();
    heard = read_all(fd);
    close(fd);
  });
  loop.run();
  peer.join();
  CHECK(heard == large);
  CHECK(log.closed == 1);
  CHECK(log.reason == "closed here");
  CHECK(stream->unwritten_octets() == 0);
}

TEST_CASE("what is written before the connection is open is sent when it is") {
  Door door;
  EventLoop loop;
  StreamLog log(loop);
  auto stream = loop.connect({door.at("127.0.0.1"), {}}, log);
  stream->write("early ");
  stream->write("bird");
  log.opening = [&] { stream->close_when_written(); };
  loop.run();
  CHECK(read_all(door.accepted()) == "early bird");
}

TEST_CASE("closing a stream that is not open yet closes it once, from the loop") {
  Door door;
  EventLoop loop;
  StreamLog log(loop);
  auto stream = loop.connect({door.at("localhost"), {}}, log);
  stream->write("never");
  stream->close_when_written();
  CHECK(log.closed == 0);
  loop.run();
  CHECK(log.opened == 0);
  CHECK(log.closed == 1);
  CHECK(log.reason == "closed here");
}

TEST_CASE("a stream that is destroyed closes at once and says nothing any more, wherever it was") {
  Door door;
  for (const char* host : {"127.0.0.1", "localhost"}) {
    EventLoop loop;
    StreamLog dialing(loop), open(loop);
    loop.connect({door.at(host), {}}, dialing).reset();
    auto stream = loop.connect({door.at(host), {}}, open);
    open.opening = [&] { loop.post([&] { stream.reset(), loop.post([&] { loop.stop(); }); }); };
    loop.run();
    CHECK(dialing.opened + dialing.closed + open.closed == 0);
    const int fd = door.accepted();
    CHECK(read_all(fd).empty());
    close(fd);
  }
}

TEST_CASE("writes of one turn leave together") {
  Door door;
  EventLoop loop;
  StreamLog log(loop);
  auto stream = loop.connect({door.at("127.0.0.1"), {}}, log);
  log.opening = [&] {
    for (int i = 0; i < 100; ++i) stream->write("0123456789");
    loop.post([&] { loop.stop(); });
  };
  loop.run();
  auto end = loop.timer([&] { loop.stop(); });
  end->start(Millis{20});
  loop.run();
  const int fd = door.accepted();
  tcp_info info{};
  socklen_t length = sizeof info;
  char all[1000];
  REQUIRE(recv(fd, all, sizeof all, MSG_WAITALL) == 1000);
  getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
  CHECK(info.tcpi_data_segs_in == 1);
  close(fd);
}
