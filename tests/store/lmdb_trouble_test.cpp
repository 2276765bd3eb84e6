#include <sys/resource.h>

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>

#include "engines.h"
#include "sample_otp.h"

using namespace xion;

namespace {

/// No file of this process can grow any more: what a full disk does to a writer, without filling one.
class FullDisk {
 public:
  FullDisk() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    set(4096);
  }
  ~FullDisk() {
    set(before_.rlim_cur);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  void set(rlim_t octets) {
    const rlimit limit{octets, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

}  // namespace

TEST_CASE(
    "a disk that refuses fails the batch and all that follow, keeps what was durable, and is used again once it can") {
  TempDirectory directory;
  PostBox box;
  LmdbSettings settings{.directory = directory.path(),
                        .check_value = our_key,
                        .map_octets = 64 << 20,
                        .retry_after = Millis{20},
                        .now = [] { return noon; }};
  auto opened = LmdbStore::open(settings, box.post());
  REQUIRE(opened.has_value());
  LmdbStore& store = **opened;

  std::uint32_t made = 0;
  std::vector<std::uint32_t> durable, failed;
  const auto insert = [&] {
    const std::uint32_t n = made++;
    run_task(
        store, [n](Txn& txn) { return txn.insert(sample_otp(noon, n, n)); },
        [&, n](Commit commit, bool) { (commit == Commit::durable ? durable : failed).push_back(n); });
    REQUIRE(box.run_until([&] { return durable.size() + failed.size() == made; }));
  };
  for (int i = 0; i < 20; ++i) insert();
  REQUIRE(durable.size() == 20);
  {
    const FullDisk full;
    for (int i = 0; i < 5; ++i) insert();
    CHECK(failed.size() == 5);
    CHECK_FALSE(store.status().is_writable);
    CHECK(store.status().trouble.starts_with("read-only: the data directory can't be written: File too large"));
    // What is on disk is read on, and what was not written is nowhere.
    std::optional<std::ptrdiff_t> found;
    run_task(
        store,
        [&](Txn& txn) {
          return std::ranges::count_if(
                     durable,
                     [&](std::uint32_t n) { return txn.live_otp(key_of(sample_otp(noon, n, n))).has_value(); }) -
                 std::ranges::count_if(
                     failed, [&](std::uint32_t n) { return txn.live_otp(key_of(sample_otp(noon, n, n))).has_value(); });
        },
        [&](Commit commit, std::ptrdiff_t count) {
          CHECK(commit == Commit::durable);
          found = count;
        });
    REQUIRE(box.run_until([&] { return found.has_value(); }));
    CHECK(*found == 20);
    CHECK(store.status().requests == 20);
    std::optional<Commit> counted;
    run_task(
        store, [](Txn& txn) { return txn.count(1, 20'000, Counter::sends), true; },
        [&](Commit commit, bool) { counted = commit; });
    REQUIRE(box.run_until([&] { return counted.has_value(); }));
    CHECK(*counted == Commit::failed);
  }
  while (!store.status().is_writable) insert();
  const auto before = durable.size();
  insert();
  CHECK(durable.size() == before + 1);
  CHECK(store.status().trouble.empty());

  std::optional<std::size_t> lost, kept_in_vain;
  run_task(
      store,
      [&](Txn& txn) {
        const auto is_there = [&](std::uint32_t n) {
          const Otp otp = sample_otp(noon, n, n);
          return txn.otp(otp.id).has_value() && txn.live_otp(key_of(otp)) == otp.id;
        };
        lost = static_cast<std::size_t>(std::ranges::count_if(durable, std::not_fn(is_there)));
        kept_in_vain = static_cast<std::size_t>(std::ranges::count_if(failed, is_there));
        return true;
      },
      [](Commit, bool) {});
  REQUIRE(box.run_until([&] { return store.waiting() == 0; }));
  CHECK(*lost == 0);
  CHECK(*kept_in_vain == 0);
}

TEST_CASE("reading a large log leaves the map's pages with the kernel, not in the process") {
  TempDirectory directory;
  PostBox box;
  LmdbSettings settings{.directory = directory.path(), .check_value = our_key, .now = [] { return noon; }};
  constexpr std::uint32_t requests = 150'000;
  auto opened = LmdbStore::open(settings, box.post());
  REQUIRE(opened.has_value());
  for (std::uint32_t n = 0; n < requests; n += 1'000)
    run_task(
        **opened,
        [n](Txn& txn) {
          // Made long ago: nothing of them is in an index, so that what is resident is the map or nothing.
          const WallTime at = noon - std::chrono::hours{24 * 30} + Millis{n};
          for (std::uint32_t i = n; i < n + 1'000; ++i) {
            Otp otp = sample_otp(at, i, i);
            end(otp, OtpStatus::expired, at + Seconds{300});
            txn.insert(otp);
          }
          return true;
        },
        [](Commit, bool) {});
  std::size_t read = 0;
  std::optional<OtpId> before;
  const auto read_on = [&] {
    run_task(
        **opened, [&](Txn& txn) { return txn.recent(before, 10'000); },
        [&](Commit, const std::vector<Otp>& otps) {
          read += otps.size();
          before = otps.empty() ? std::optional<OtpId>{} : otps.back().id;
        });
    REQUIRE(box.run_until([&] { return (*opened)->waiting() == 0; }));
  };
  const auto resident_file_octets = [] {
    std::size_t total = 0, resident = 0, shared = 0;
    std::ifstream("/proc/self/statm") >> total >> resident >> shared;
    return shared * 4096;
  };
  REQUIRE(box.run_until([&] { return (*opened)->waiting() == 0; }));
  const auto before_reading = resident_file_octets();
  do read_on();
  while (read < requests);
  CHECK((*opened)->status().data_octets > std::size_t{20} << 20);
  // A pass over everything, then one small commit, which looks at what is resident.
  run_task(**opened, [](Txn& txn) { return txn.next_app_id(); }, [](Commit, AppId) {});
  REQUIRE(box.run_until([&] { return (*opened)->waiting() == 0; }));
  CHECK(resident_file_octets() < before_reading + (std::size_t{10} << 20));
}
