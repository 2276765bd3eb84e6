#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "event/control_server.h"
#include "unit/event/loop_thread.h"
#include "unit/event/raw_client.h"

using namespace xion;

namespace {

struct Control {
  explicit Control(ControlHandler handler, ControlServerSettings settings = {},
                   std::function<bool(const ControlPeer&)> comes_first = {}) {
    loop.call([&] {
      server = std::make_unique<ControlServer>(loop.loop(), std::move(handler), settings, std::move(comes_first));
      if (auto listening = server->listen(path, "no-such-group"); !listening) error = listening.error();
    });
  }
  ~Control() {
    loop.call([&] { server.reset(); });
  }
  LoopThread loop;
  const std::string path = "/tmp/xion-control-" + std::to_string(getpid()) + ".sock";
  std::unique_ptr<ControlServer> server;
  std::string error;
};

void shout(const ControlPeer&, std::string_view line, std::function<void(std::string)> reply) {
  reply(std::string(line) + "!");
}

}  // namespace

TEST_CASE("a line in gets a line out, several in their order, and the peer is known") {
  ControlPeer seen;
  Control control([&](const ControlPeer& peer, std::string_view line, std::function<void(std::string)> reply) {
    seen = peer;
    shout(peer, line, std::move(reply));
  });
  REQUIRE(control.error.empty());
  RawClient client(control.path);
  client.send("one\ntwo\r\nthr");
  CHECK(client.read_line() == "one!");
  CHECK(client.read_line() == "two!");
  client.send("ee\n");
  CHECK(client.read_line() == "three!");
  CHECK(seen.uid == getuid());
  CHECK(seen.gid == getgid());
  CHECK(seen.pid == getpid());
}

TEST_CASE("the socket file is for its owner and group, and goes with the server") {
  std::string path;
  {
    Control control(shout);
    path = control.path;
    struct stat file{};
    REQUIRE(stat(path.c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0660);
  }
  CHECK(access(path.c_str(), F_OK) != 0);
}

TEST_CASE("a socket that somebody answers on is left alone, a stale one is replaced, another file never") {
  Control control(shout);
  Control second(shout);
  CHECK(second.error == control.path + ": address already in use (another xiond?)");
  const std::string hidden = control.path + ".kept";
  REQUIRE(link(control.path.c_str(), hidden.c_str()) == 0);  // Outlives the server: nobody will answer on it.
  control.loop.call([&] { control.server.reset(); });
  REQUIRE(rename(hidden.c_str(), control.path.c_str()) == 0);
  Control third(shout);
  CHECK(third.error.empty());
  CHECK(RawClient(third.path).is_connected());
  third.loop.call([&] {
    CHECK(third.server->listen("/etc/passwd", "").error() ==
          "/etc/passwd: there is a file of that name, and it is no socket");
  });
}

TEST_CASE("commands of one client wait for each other's answers, those of two don't") {
  std::vector<std::function<void(std::string)>> waiting;
  Control control([&](const ControlPeer&, std::string_view, std::function<void(std::string)> reply) {
    waiting.push_back(std::move(reply));
  });
  RawClient first(control.path), second(control.path);
  first.send("a\nb\n");
  second.send("c\n");
  while (control.loop.call([&] { return waiting.size(); }) < 2) std::this_thread::yield();
  CHECK(control.loop.call([&] { return waiting.size(); }) == 2);
  control.loop.call([&] {
    const auto two = std::exchange(waiting, {});
    for (const auto& reply : two) reply("done\n");
  });
  CHECK(first.read_line() == "done");
  CHECK(second.read_line() == "done");
  while (control.loop.call([&] { return waiting.size(); }) < 1) std::this_thread::yield();
  control.loop.call([&] { waiting[0]("b done"); });
  CHECK(first.read_line() == "b done");
}

TEST_CASE("an answer for a client that has gone, or for a server that has, does nothing") {
  std::function<void(std::string)> waiting;
  {
    Control control([&](const ControlPeer&, std::string_view, std::function<void(std::string)> reply) {
      waiting = std::move(reply);
    });
    {
      RawClient client(control.path);
      client.send("x\n");
      while (!control.loop.call([&] { return waiting != nullptr; })) std::this_thread::yield();
    }
    control.loop.call([&] { waiting("late"); });
    while (control.loop.call([&] { return control.server->clients(); }) > 0) std::this_thread::yield();
  }
  waiting("later");
  CHECK(true);
}

TEST_CASE("a line of 64 KiB is taken, a longer one is told so and closed") {
  Control control([](const ControlPeer&, std::string_view line, std::function<void(std::string)> reply) {
    reply(std::to_string(line.size()));
  });
  RawClient client(control.path);
  client.send(std::string(65'535, 'x') + "\n");
  CHECK(client.read_line() == "65535");
  client.send(std::string(65'537, 'x'));
  CHECK(client.read_line() ==
        R"({"ok":false,"code":"usage","detail":"The line is longer than 65536 octets.","hint":""})");
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("a client that stalls is closed, one whose command takes long is not") {
  std::function<void(std::string)> waiting;
  Control control(
      [&](const ControlPeer&, std::string_view, std::function<void(std::string)> reply) { waiting = std::move(reply); },
      {.idle_timeout = Millis{1'000}});
  RawClient patient(control.path), stalled(control.path);
  patient.send("long command\n");
  stalled.send("half a lin");
  CHECK(stalled.is_closed_by_peer());
  control.loop.call([&] { waiting("at last"); });
  CHECK(patient.read_line() == "at last");
}

TEST_CASE("above 64 clients one more is told so") {
  Control control(shout, {.clients_of_a_user = 100});
  std::vector<RawClient> clients;
  for (int i = 0; i < 64; ++i) clients.emplace_back(control.path);
  RawClient more(control.path);
  CHECK(more.read_line() == R"({"ok":false,"code":"refused","detail":"There are 64 clients already.","hint":""})");
  CHECK(more.is_closed_by_peer());
  clients.back().send("x\n");
  CHECK(clients.back().read_line() == "x!");
}

TEST_CASE("one user has sixteen clients, and the seventeenth is told so") {
  Control control(shout);
  std::vector<RawClient> clients;
  for (int i = 0; i < 16; ++i) clients.emplace_back(control.path);
  RawClient more(control.path);
  CHECK(more.read_line().contains("Your user has 16 clients already."));
  clients.front().send("x\n");
  CHECK(clients.front().read_line() == "x!");
}

TEST_CASE("whoever comes first is served where idle clients have taken every place, and ends none that is at work") {
  std::atomic<bool> is_first = false;
  std::vector<ControlReply> ways;
  Control control([&](const ControlPeer&, std::string_view, ControlReply reply) { ways.push_back(std::move(reply)); },
                  {.max_clients = 4, .clients_of_a_user = 100}, [&](const ControlPeer&) { return is_first.load(); });
  RawClient works(control.path);
  works.send("long command\n");
  while (!control.loop.call([&] { return !ways.empty(); })) std::this_thread::yield();
  std::vector<RawClient> idle;
  for (int i = 0; i < 3; ++i) idle.emplace_back(control.path);
  std::vector<RawClient> told;  // More than are kept to be told: the last ones are closed at once.
  for (int i = 0; i < 6; ++i) told.emplace_back(control.path);
  while (control.loop.call([&] { return control.server->clients(); }) < 8) std::this_thread::yield();
  is_first = true;
  RawClient commander(control.path), another(control.path);
  CHECK(idle[0].is_closed_by_peer());
  CHECK(idle[1].is_closed_by_peer());
  for (RawClient* one : {&commander, &another}) one->send("x\n");
  while (control.loop.call([&] { return ways.size() < 3; })) std::this_thread::yield();
  control.loop.call([&] {
    for (ControlReply& way : ways) way("done");
  });
  for (RawClient* one : {&works, &commander, &another}) CHECK(one->read_line() == "done");
}

TEST_CASE("an answer that goes on is lines until the client leaves, and what it says meanwhile is not heard") {
  std::vector<std::string> heard;
  std::optional<ControlReply> way;
  Control control([&](const ControlPeer&, std::string_view line, ControlReply reply) {
    heard.emplace_back(line);
    way.emplace(std::move(reply));
  });
  const auto tell = [&](const std::string& line) { return control.loop.call([&] { return way->line(line); }); };
  {
    RawClient client(control.path);
    client.send("follow\n");
    while (!control.loop.call([&] { return way.has_value(); })) std::this_thread::yield();
    CHECK(tell("one") == ControlSent::taken);
    CHECK(client.read_line() == "one");
    client.send("another command\n");
    CHECK(tell("two") == ControlSent::taken);
    CHECK(client.read_line() == "two");
  }
  while (tell("three") != ControlSent::gone) std::this_thread::yield();
  CHECK(tell("") == ControlSent::gone);
  CHECK(heard == std::vector<std::string>{"follow"});
}

TEST_CASE("who does not read what it follows misses lines, and is cut off in the end") {
  std::optional<ControlReply> way;
  Control control([&](const ControlPeer&, std::string_view, ControlReply reply) { way.emplace(std::move(reply)); },
                  {.idle_timeout = Millis{300}, .stream_limit_octets = 100'000});
  RawClient client(control.path);
  client.send("follow\n");
  while (!control.loop.call([&] { return way.has_value(); })) std::this_thread::yield();
  const std::string line(10'000, 'x');
  const auto tell = [&] { return control.loop.call([&] { return way->line(line); }); };
  while (tell() != ControlSent::missed) std::this_thread::yield();
  while (tell() != ControlSent::gone) std::this_thread::yield();
}
