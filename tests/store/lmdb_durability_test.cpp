#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <csignal>
#include <cstring>
#include <fstream>

#include "engines.h"
#include "lmdb/lmdb_kv.h"
#include "sample_otp.h"
#include "store/otp_key.h"

using namespace xion;

namespace {

std::string why_not(LmdbSettings settings) {
  PostBox box;
  const auto store = LmdbStore::open(std::move(settings), box.post());
  return store ? "" : store.error().text;
}

/// Inserts request after request, a handful at a time, and writes the number of each to `told` once it is durable.
/// Never returns.
[[noreturn]] void insert_until_killed(const LmdbSettings& settings, int told) {
  PostBox box;
  auto store = LmdbStore::open(settings, box.post());
  std::uint32_t made = 0;
  for (;;) {
    box.run_until([&] { return (*store)->waiting() < 64; });
    for (int i = 0; i < 16; ++i, ++made)
      run_task(
          **store, [n = made](Txn& txn) { return txn.insert(sample_otp(noon, n, n)); },
          [n = made, told](Commit, bool) {
            if (::write(told, &n, sizeof n) < 0) ::_exit(1);
          });
  }
}

}  // namespace

TEST_CASE("what was told durable is there after kill -9 under load, indexes too") {
  TempDirectory directory;
  for (int round = 0; round < 3; ++round) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    std::filesystem::remove_all(directory.path());
    std::filesystem::create_directory(directory.path());
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) insert_until_killed(settings_for(directory.path()), pipe[1]);
    ::close(pipe[1]);

    std::vector<std::uint32_t> told;
    std::uint32_t n = 0;
    while (::read(pipe[0], &n, sizeof n) == sizeof n) {
      told.push_back(n);
      if (told.size() == 1'500) REQUIRE(::kill(child, SIGKILL) == 0);
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(told.size() >= 1'500);

    PostBox box;
    const auto store = open_or_fail(settings_for(directory.path()), box);
    std::optional<std::size_t> missing;
    run_task(
        *store,
        [&](Txn& txn) {
          return std::ranges::count_if(told, [&](std::uint32_t m) {
            const Otp otp = sample_otp(noon, m, m);
            return !txn.otp(otp.id) || txn.live_otp(key_of(otp)) != otp.id;
          });
        },
        [&](Commit, std::ptrdiff_t count) { missing = static_cast<std::size_t>(count); });
    REQUIRE(box.run_until([&] { return missing.has_value(); }));
    CHECK(*missing == 0);
  }
}

TEST_CASE("a full map grows, the tasks of its transaction are applied again, and nothing is lost") {
  TempDirectory directory;
  PostBox box;
  auto settings = settings_for(directory.path());
  settings.map_octets = 1 << 20;
  std::size_t inserted = 0;
  constexpr std::uint32_t requests = 20'000;
  {
    const auto store = open_or_fail(settings, box);
    for (std::uint32_t n = 0; n < requests; ++n)
      run_task(
          *store, [n](Txn& txn) { return txn.insert(sample_otp(noon, n, n)); },
          [&](Commit commit, bool is_new) { inserted += commit == Commit::durable && is_new ? 1 : 0; });
    REQUIRE(box.run_until([&] { return store->waiting() == 0; }));
    CHECK(inserted == requests);
    CHECK(store->status().map_octets > (1 << 20));
    CHECK(store->status().is_writable);
    CHECK(store->status().requests == requests);
  }
  const auto store = open_or_fail(settings, box);
  CHECK(store->status().requests == requests);
}

TEST_CASE("tasks that arrive during a commit share the next one") {
  TempDirectory directory;
  PostBox box;
  const auto store = open_or_fail(settings_for(directory.path()), box);
  constexpr std::uint32_t tasks = 2'000;
  std::uint32_t done = 0;
  std::vector<std::uint32_t> order;
  for (std::uint32_t n = 0; n < tasks; ++n)
    run_task(
        *store, [n](Txn& txn) { return txn.insert(sample_otp(noon, n, n)); },
        [&, n](Commit, bool) {
          order.push_back(n);
          ++done;
        });
  REQUIRE(box.run_until([&] { return done == tasks; }));
  CHECK(std::ranges::is_sorted(order));
  const StoreStatus status = store->status();
  CHECK(status.tasks == tasks);
  CHECK(status.commits < tasks / 4);
  CHECK(status.commit_p99_ms >= status.commit_p50_ms);
  CHECK(status.data_octets > 0);
}

TEST_CASE("a task that rides is done with the next one, in its order, or alone after its while") {
  struct Row {
    Millis rides_for;
    bool is_followed;
    std::vector<std::uint32_t> order;
  };
  for (const Row& row : {Row{Millis{600'000}, true, {1, 2}}, Row{Millis{2}, false, {1}}}) {
    CAPTURE(row.is_followed);
    TempDirectory directory;
    PostBox box;
    LmdbSettings settings = settings_for(directory.path());
    settings.rides_for = row.rides_for;
    const auto store = open_or_fail(std::move(settings), box);
    std::vector<std::uint32_t> order;
    const auto insert = [&](std::uint32_t n, Haste haste) {
      run_task(
          *store, [n](Txn& txn) { return txn.insert(sample_otp(noon, n, n)); },
          [&order, n](Commit, bool) { order.push_back(n); }, Unforeseen(), haste);
    };
    insert(1, Haste::rides);
    if (row.is_followed) insert(2, Haste::now);
    REQUIRE(box.run_until([&] { return order.size() == row.order.size(); }));
    CHECK(order == row.order);
    CHECK(store->status().commits == 1);
  }
}

TEST_CASE("tasks that only read need no commit") {
  TempDirectory directory;
  PostBox box;
  const auto store = open_or_fail(settings_for(directory.path()), box);
  bool is_done = false;
  run_task(
      *store, [](Txn& txn) { return txn.apps().size(); },
      [&](Commit commit, std::size_t) {
        CHECK(commit == Commit::durable);
        is_done = true;
      });
  REQUIRE(box.run_until([&] { return is_done; }));
  CHECK(store->status().commits == 0);
}

TEST_CASE("a store that is closed finishes what was submitted") {
  TempDirectory directory;
  PostBox box;
  {
    const auto store = open_or_fail(settings_for(directory.path()), box);
    for (std::uint32_t n = 0; n < 500; ++n)
      run_task(*store, [n](Txn& txn) { return txn.insert(sample_otp(noon, n, n)); }, [](Commit, bool) {});
  }
  CHECK(open_or_fail(settings_for(directory.path()), box)->status().requests == 500);
}

TEST_CASE("a data directory that is missing, in use, or holds no data file of ours is refused in a sentence") {
  TempDirectory directory;
  auto settings = settings_for(directory.path());
  SUBCASE("missing") {
    settings.directory += "/nowhere";
    CHECK(why_not(settings).find("does not exist") != std::string::npos);
  }
  SUBCASE("in use") {
    PostBox box;
    const auto store = open_or_fail(settings, box);
    CHECK(why_not(settings).find("in use by another xiond") != std::string::npos);
  }
  SUBCASE("not LMDB") {
    std::ofstream(directory.path() + "/data.mdb") << std::string(8192, 'x');
    CHECK(why_not(settings).find("no LMDB file") != std::string::npos);
  }
  SUBCASE("wrong master key") {
    PostBox box;
    open_or_fail(settings, box);
    settings.check_value = {4};
    CHECK(why_not(settings).find("master key is not the one") != std::string::npos);
  }
  SUBCASE("newer schema") {
    PostBox box;
    open_or_fail(settings, box);
    {
      LmdbKv kv(directory.path(), 64 << 20);
      kv.begin();
      kv.put(Table::meta, "schema", BigEndian<std::uint32_t>(99).view());
      kv.commit();
    }
    CHECK(why_not(settings).find("made by a newer xiond (schema 99, this one knows 3)") != std::string::npos);
  }
}

TEST_CASE("a second process is kept out until the first is gone, however it went") {
  TempDirectory directory;
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    PostBox box;
    const auto store = LmdbStore::open(settings_for(directory.path()), box.post());
    if (::write(pipe[1], "x", 1) != 1) ::_exit(1);
    ::pause();
  }
  char opened = 0;
  REQUIRE(::read(pipe[0], &opened, 1) == 1);
  CHECK(why_not(settings_for(directory.path())).find("in use by another xiond") != std::string::npos);
  REQUIRE(::kill(child, SIGKILL) == 0);
  ::waitpid(child, nullptr, 0);
  ::close(pipe[0]);
  ::close(pipe[1]);
  CHECK(why_not(settings_for(directory.path())).empty());
}
