#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <array>
#include <cstring>

#include "event/control_server.h"
#include "unit/event/loop_thread.h"
#include "unit/event/raw_client.h"

using namespace xion;

namespace {

/// Says, for each line, whether a file came with it, and writes into that.
struct TakesFiles {
  TakesFiles() {
    loop.call([&] {
      server = std::make_unique<ControlServer>(loop.loop(),
                                               [](const ControlPeer& peer, std::string_view, ControlReply reply) {
                                                 if (peer.handed) (void)!::write(peer.handed->get(), "taken", 5);
                                                 reply(peer.handed ? "with" : "without");
                                               });
      REQUIRE(server->listen(path, "no-such-group").has_value());
    });
  }
  ~TakesFiles() {
    loop.call([&] { server.reset(); });
  }
  LoopThread loop;
  const std::string path = "/tmp/xion-handed-" + std::to_string(getpid()) + ".sock";
  std::unique_ptr<ControlServer> server;
};

void send_with(int to, std::string_view octets, std::array<int, 2> files) {
  iovec part{const_cast<char*>(octets.data()), octets.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof files)> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  *header = {.cmsg_len = CMSG_LEN(sizeof files), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  std::memcpy(CMSG_DATA(header), files.data(), sizeof files);
  REQUIRE(::sendmsg(to, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size()));
}

/// Of a pipe whose writers may all have gone.
std::string read_to_the_end(int from) {
  std::string all;
  std::array<char, 64> piece{};
  for (ssize_t got = 0; (got = ::read(from, piece.data(), piece.size())) > 0;)
    all.append(piece.data(), static_cast<std::size_t>(got));
  return all;
}

}  // namespace

TEST_CASE("a file that comes with the first octets goes to the first command alone, and is closed with it") {
  TakesFiles server;
  std::array<int, 2> first{}, second{};
  REQUIRE(::pipe(first.data()) == 0);
  REQUIRE(::pipe(second.data()) == 0);
  RawClient client(server.path);
  send_with(client.fd(), "one\ntwo\n", {first[1], second[1]});
  ::close(first[1]);
  ::close(second[1]);
  CHECK(client.read_line() == "with");
  CHECK(client.read_line() == "without");
  CHECK(read_to_the_end(first[0]) == "taken");
  CHECK(read_to_the_end(second[0]).empty());  // A second file is nobody's.
  ::close(first[0]);
  ::close(second[0]);
  client.send("three\n");
  CHECK(client.read_line() == "without");
  RawClient plain(server.path);
  plain.send("four\n");
  CHECK(plain.read_line() == "without");
}
