#include "smpp/window.h"

#include <set>

#include "smpp/sequence.h"
#include "support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;

namespace {

MonoTime at(std::int64_t ms) { return MonoTime{Millis{ms}}; }
Window::Entry entry(std::uint32_t sequence, std::int64_t deadline_ms = 100) {
  return {.sequence = sequence, .token = sequence + 1000, .sent_at = at(0), .deadline = at(deadline_ms)};
}

}  // namespace

TEST_CASE("an entry leaves the window once, with its token") {
  Window window(2);
  window.put(entry(1));
  window.put(entry(2));
  CHECK(window.room() == 0);
  CHECK(window.take(2)->token == 1002);
  CHECK_FALSE(window.take(2));
  CHECK(window.room() == 1);
  CHECK(window.contains(1));
  CHECK_FALSE(window.contains(2));
}

TEST_CASE("entries expire oldest first, and not before their deadline") {
  Window window(3);
  window.put(entry(5, 100));
  window.put(entry(6, 200));
  CHECK(window.next_deadline() == at(100));
  CHECK_FALSE(window.take_expired(at(99)));
  CHECK(window.take_expired(at(100))->sequence == 5);
  CHECK_FALSE(window.take_expired(at(100)));
  CHECK(window.next_deadline() == at(200));
}

TEST_CASE("close gives everything in flight, oldest first") {
  Window window(3);
  for (const std::uint32_t sequence : {7U, 8U, 9U}) window.put(entry(sequence));
  window.take(8);
  const auto all = window.take_all();
  REQUIRE(all.size() == 2);
  CHECK(all[0].sequence == 7);
  CHECK(all[1].sequence == 9);
  CHECK(window.size() == 0);
  CHECK_FALSE(window.next_deadline());
}

TEST_CASE("sequence numbers go to 0x7FFFFFFF and then begin at 1") {
  Sequence sequence(Sequence::last - 1);
  const auto none_taken = [](std::uint32_t) { return false; };
  CHECK(sequence.take(none_taken) == 0x7FFFFFFE);
  CHECK(sequence.take(none_taken) == 0x7FFFFFFF);
  CHECK(sequence.take(none_taken) == 1);
  CHECK(sequence.take(none_taken) == 2);
}

TEST_CASE("sequence numbers in flight are skipped, across the wrap too") {
  Sequence sequence(Sequence::last);
  const std::set<std::uint32_t> taken{Sequence::last, 1, 2, 4};
  const auto is_taken = [&](std::uint32_t number) { return taken.contains(number); };
  CHECK(sequence.take(is_taken) == 3);
  CHECK(sequence.take(is_taken) == 5);
}

TEST_CASE("the table of late ones keeps the newest, each for one answer") {
  LateTable late(2);
  late.put(1, 11);
  late.put(2, 12);
  late.put(3, 13);
  CHECK(late.size() == 2);
  CHECK_FALSE(late.take(1));
  CHECK(late.take(2) == 12);
  CHECK_FALSE(late.take(2));
  CHECK(late.contains(3));
}
