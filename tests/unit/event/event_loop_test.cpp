#include "event/event_loop.h"

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

using namespace xion;

TEST_CASE("timers fire in the order of their deadlines, never early, and a stopped one not at all") {
  EventLoop loop;
  std::vector<int> fired;
  const MonoTime start = loop.now();
  Millis first_after{0};
  auto late = loop.timer([&] { fired.push_back(3), loop.stop(); });
  auto early = loop.timer([&] { fired.push_back(1), first_after = loop.now() - start; });
  auto middle = loop.timer([&] { fired.push_back(2); });
  auto never = loop.timer([&] { fired.push_back(9); });
  late->start(Millis{60});
  never->start(Millis{5});
  middle->start(Millis{40});
  early->start(Millis{20});
  never->stop();
  loop.run();
  CHECK(fired == std::vector{1, 2, 3});
  CHECK(first_after >= Millis{20});
}

TEST_CASE("starting a running timer moves it, and it fires once for each start") {
  EventLoop loop;
  int fired = 0;
  auto moved = loop.timer([&] { ++fired; });
  auto end = loop.timer([&] { loop.stop(); });
  moved->start(Millis{1});
  moved->start(Millis{15});
  end->start(Millis{50});
  loop.run();
  CHECK(fired == 1);
}

TEST_CASE("a timer that is destroyed before its time does not fire") {
  EventLoop loop;
  bool has_fired = false;
  auto doomed = loop.timer([&] { has_fired = true; });
  doomed->start(Millis{1});
  doomed.reset();
  auto end = loop.timer([&] { loop.stop(); });
  end->start(Millis{10});
  loop.run();
  CHECK_FALSE(has_fired);
}

TEST_CASE(
    "what is for the end of a turn runs once, behind all that the turn had to do, and before another turn waits") {
  EventLoop loop;
  std::vector<std::string> ran;
  loop.at_turn_end([&] { ran.emplace_back("before the first turn"); });
  loop.post([&] {
    ran.emplace_back("first");
    loop.at_turn_end([&] {
      ran.emplace_back("end of it");
      loop.at_turn_end([&] { loop.post([&] { loop.stop(); }); });
    });
  });
  loop.post([&] { ran.emplace_back("second"); });
  auto limit = loop.timer([&] {
    ran.emplace_back("waited for another turn");
    loop.stop();
  });
  limit->start(Millis{180'000});
  loop.run();
  CHECK(ran == std::vector<std::string>{"before the first turn", "first", "second", "end of it"});
}

TEST_CASE("what other threads post runs on the loop thread, each thread's work in its order, none lost") {
  EventLoop loop;
  constexpr int threads = 4, each = 5000;
  std::vector<int> last(threads, -1);
  int out_of_order = 0, ran = 0;
  const auto loop_thread = std::this_thread::get_id();
  std::vector<std::thread> posters;
  for (int thread = 0; thread < threads; ++thread) {
    posters.emplace_back([&, thread] {
      for (int i = 0; i < each; ++i) {
        loop.post([&, thread, i] {
          if (last[static_cast<std::size_t>(thread)] != i - 1 || std::this_thread::get_id() != loop_thread)
            ++out_of_order;
          last[static_cast<std::size_t>(thread)] = i;
          if (++ran == threads * each) loop.stop();
        });
      }
    });
  }
  loop.run();
  for (auto& poster : posters) poster.join();
  CHECK(ran == threads * each);
  CHECK(out_of_order == 0);
}

TEST_CASE("work that posts work does not keep the loop from its timers") {
  EventLoop loop;
  std::function<void()> again = [&] { loop.post(again); };
  loop.post(again);
  auto end = loop.timer([&] { loop.stop(); });
  end->start(Millis{5});
  loop.run();
  CHECK(true);  // It came back.
}

TEST_CASE("a loop that is stopped before it runs returns at once, and one that has stopped can run again") {
  EventLoop loop;
  loop.stop();
  loop.run();
  bool has_run = false;
  loop.post([&] { has_run = true; });
  loop.stop();
  loop.run();
  CHECK(has_run);
}

TEST_CASE("a signal is reacted to on the loop thread") {
  EventLoop loop;
  int caught = 0;
  loop.on_signal(SIGUSR1, [&] { ++caught, loop.stop(); });
  loop.post([] { std::raise(SIGUSR1); });
  loop.run();
  CHECK(caught == 1);
}

TEST_CASE("the clocks agree with the system's") {
  EventLoop loop;
  const auto system = [] { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); };
  const WallTime earlier = system(), told = loop.wall_now(), later = system();
  CHECK(earlier <= told);
  CHECK(told <= later);
  const MonoTime before = loop.now();
  CHECK(loop.now() >= before);
}
