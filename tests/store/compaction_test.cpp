#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "base/log.h"
#include "engines.h"
#include "lmdb/change_log.h"
#include "sample_otp.h"

using namespace xion;

namespace {

void insert(LmdbStore& store, std::uint32_t n, std::function<void(bool)> told = {}) {
  run_task(
      store, [n](Txn& txn) { return txn.insert(sample_otp(noon, n, n)); },
      [told = std::move(told)](Commit commit, bool& is_new) {
        if (told) told(commit == Commit::durable && is_new);
      });
}

/// How many of the requests before `made` are missing, or not found by their phone.
std::size_t missing_in(LmdbStore& store, PostBox& box, std::uint32_t made) {
  std::optional<std::size_t> missing;
  run_task(
      store,
      [made](Txn& txn) {
        std::size_t count = 0;
        for (std::uint32_t n = 0; n < made; ++n) {
          const Otp otp = sample_otp(noon, n, n);
          count += !txn.otp(otp.id) || txn.live_otp(key_of(otp)) != otp.id ? 1 : 0;
        }
        return count;
      },
      [&](Commit, std::size_t& count) { missing = count; });
  REQUIRE(box.run_until([&] { return missing.has_value(); }));
  return *missing;
}

/// Writes answers that are kept for a day.
void keep_answers(LmdbStore& store, PostBox& box) {
  for (std::uint32_t n = 0; n < 4'000; ++n)
    run_task(
        store,
        [n](Txn& txn) {
          Digest key{};
          std::memcpy(key.data(), &n, sizeof n);
          StoredAnswer answer;
          answer.body = std::string(2'000, 'x');
          txn.put_answer(key, answer, noon - std::chrono::hours{48});
          return true;
        },
        [](Commit, bool&) {});
  REQUIRE(box.run_until([&] { return store.waiting() == 0; }));
}
/// Lets them go: what a data file has holes of, once that is folded.
void forget_answers(LmdbStore& store, PostBox& box) {
  for (bool is_over = false; !is_over;) {
    std::optional<std::size_t> pruned;
    run_task(
        store, [](Txn& txn) { return txn.prune(noon - std::chrono::hours{24 * 90}, noon, 500); },
        [&](Commit, std::size_t& count) { pruned = count; });
    REQUIRE(box.run_until([&] { return pruned.has_value(); }));
    is_over = *pruned == 0;
  }
}

std::expected<Compacted, std::string> compact(LmdbStore& store, PostBox& box, const std::function<void()>& meanwhile) {
  std::optional<std::expected<Compacted, std::string>> outcome;
  store.compact([&](std::expected<Compacted, std::string> told) { outcome = std::move(told); });
  REQUIRE(box.run_until([&] {
    if (!outcome) meanwhile();
    return outcome.has_value();
  }));
  return std::move(*outcome);
}

/// Inserts and compacts again and again, tells the number of each request that is durable, and is killed at a step.
[[noreturn]] void compact_until_killed(LmdbSettings settings, CompactionStep at, int told) {
  settings.on_compaction = [at](CompactionStep step) {
    if (step == at) ::kill(::getpid(), SIGKILL);
  };
  PostBox box;
  auto store = LmdbStore::open(std::move(settings), box.post());
  std::uint32_t made = 0;
  const auto make = [&](int count) {
    for (int i = 0; i < count; ++i, ++made)
      insert(**store, made, [n = made, told](bool is_kept) {
        if (is_kept && ::write(told, &n, sizeof n) < 0) ::_exit(1);
      });
  };
  make(500);
  box.run_until([&] { return (*store)->waiting() == 0; });
  (*store)->compact([](auto) {});
  box.run_until([&] {
    if ((*store)->waiting() < 32) make(16);
    return false;
  });
  ::_exit(1);
}

}  // namespace

TEST_CASE("a data file loses its holes while requests are made, and nothing else") {
  TempDirectory directory;
  PostBox box;
  std::uint32_t made = 0;
  const auto make = [&](LmdbStore& store) {
    if (store.waiting() < 64) insert(store, made++);
  };
  {
    const auto store = open_or_fail(settings_for(directory.path()), box);
    for (int i = 0; i < 1'000; ++i) insert(*store, made++);
    keep_answers(*store, box);
  }
  forget_answers(*open_or_fail(settings_for(directory.path()), box), box);
  {
    const auto store = open_or_fail(settings_for(directory.path()), box);
    const auto before = store->status().data_octets;
    for (int round = 0; round < 3; ++round) {
      const auto compacted = compact(*store, box, [&] { make(*store); });
      REQUIRE_MESSAGE(compacted.has_value(), (compacted ? "" : compacted.error()));
      make(*store);
    }
    REQUIRE(box.run_until([&] { return store->waiting() == 0; }));
    CHECK(store->status().data_octets < before);
    CHECK(std::filesystem::file_size(directory.path() + "/data.mdb") < before);
    CHECK(store->status().is_writable);
    CHECK(missing_in(*store, box, made) == 0);
  }
  const auto store = open_or_fail(settings_for(directory.path()), box);
  CHECK(missing_in(*store, box, made) == 0);
  CHECK(store->status().requests == made);
}

TEST_CASE("kill -9 in any step of a compaction loses nothing that was told durable, and leaves nothing") {
  for (const CompactionStep step :
       {CompactionStep::following, CompactionStep::copied, CompactionStep::caught_up, CompactionStep::complete,
        CompactionStep::closed, CompactionStep::replaced, CompactionStep::opened}) {
    CAPTURE(static_cast<int>(step));
    TempDirectory directory;
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) compact_until_killed(settings_for(directory.path()), step, pipe[1]);
    ::close(pipe[1]);
    std::uint32_t told = 0, n = 0;
    while (::read(pipe[0], &n, sizeof n) == sizeof n) told = std::max(told, n + 1);
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(told >= 500);

    PostBox box;
    const auto store = open_or_fail(settings_for(directory.path()), box);
    CHECK(missing_in(*store, box, told) == 0);
    CHECK(!std::filesystem::exists(directory.path() + "/data.mdb.compact"));
    const auto compacted = compact(*store, box, [] {});
    CHECK(compacted.has_value());
    CHECK(missing_in(*store, box, told) == 0);
  }
}

TEST_CASE("a folder that could not be synced is synced before anything is told durable in the new file") {
  TempDirectory directory;
  const std::string away = directory.path() + ".away";
  std::atomic<int> synced = 0;
  log::set_listener([&](log::Level, std::string_view line) { synced += line.contains("store.folder.synced") ? 1 : 0; });
  PostBox box;
  LmdbSettings settings = settings_for(directory.path());
  settings.retry_after = Millis{10};
  settings.on_compaction = [&](CompactionStep step) {
    if (step == CompactionStep::replaced) std::filesystem::rename(directory.path(), away);
  };
  const auto store = open_or_fail(std::move(settings), box);
  for (std::uint32_t n = 0; n < 200; ++n) insert(*store, n);
  REQUIRE(box.run_until([&] { return store->waiting() == 0; }));
  std::optional<std::string> failed;
  store->compact([&](auto compacted) { failed = compacted ? "" : compacted.error(); });
  REQUIRE(box.run_until([&] { return failed.has_value(); }));
  CHECK(failed != "");
  std::optional<bool> is_kept;
  insert(*store, 200, [&](bool told) { is_kept = told; });
  REQUIRE(box.run_until([&] { return is_kept.has_value(); }));
  CHECK(is_kept == false);
  CHECK_FALSE(store->status().is_writable);
  CHECK(synced == 0);
  std::filesystem::rename(away, directory.path());
  REQUIRE(box.run_until([&] {
    if (store->waiting() == 0) insert(*store, 201, [&](bool told) { is_kept = told; });
    return *is_kept;
  }));
  CHECK(synced == 1);
  CHECK(missing_in(*store, box, 200) == 0);
  log::set_listener({});
}

TEST_CASE("a store that is closed meanwhile ends its compaction, and the file is whole") {
  TempDirectory directory;
  PostBox box;
  {
    const auto store = open_or_fail(settings_for(directory.path()), box);
    for (std::uint32_t n = 0; n < 2'000; ++n) insert(*store, n);
    REQUIRE(box.run_until([&] { return store->waiting() == 0; }));
    store->compact([](auto) {});
  }
  const auto store = open_or_fail(settings_for(directory.path()), box);
  CHECK(missing_in(*store, box, 2'000) == 0);
  CHECK(!std::filesystem::exists(directory.path() + "/data.mdb.compact"));
}

TEST_CASE("a copy or a second compaction beside one is refused") {
  TempDirectory directory;
  PostBox box;
  const auto store = open_or_fail(settings_for(directory.path()), box);
  std::optional<std::string> refused;
  bool is_over = false;
  store->compact([&](auto) { is_over = true; });
  store->compact([&](const auto& told) { refused = told ? "" : told.error(); });
  CHECK(refused == "a backup or a compaction is under way already");
  CHECK(box.run_until([&] { return is_over; }));
}

TEST_CASE("where more is changed than is kept for it, following is given up, and so it is after a failed commit") {
  ChangeLog log(100);
  log.put(Table::apps, "a", "b");
  CHECK(log.take().changes.empty());
  log.commit();
  CHECK(!log.take().changes.empty());
  log.put(Table::apps, "a", "c");
  log.abort();
  log.commit();
  CHECK(log.take().changes.empty());
  log.put(Table::apps, "a", std::string(200, 'x'));
  log.commit();
  CHECK(!log.take().trouble.empty());
  ChangeLog other(100);
  other.break_off("a commit failed");
  CHECK(other.take().trouble == "a commit failed");
}
