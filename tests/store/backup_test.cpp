#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "backup/backup_file.h"
#include "backup/restore.h"
#include "crypto/backup_mac.h"
#include "crypto/sha256.h"
#include "engines.h"
#include "lmdb/lmdb_kv.h"
#include "sample_otp.h"
#include "store/otp_key.h"

using namespace xion;

namespace {

std::unique_ptr<LmdbStore> opened(const std::string& directory, PostBox& box) {
  return open_or_fail(settings_for(directory), box);
}

void insert(LmdbStore& store, std::uint32_t first, std::uint32_t end) {
  for (std::uint32_t n = first; n < end; ++n)
    run_task(store, [n](Txn& txn) { return txn.insert(sample_otp(noon, n, n)); }, [](Commit, bool) {});
}

struct Pair {
  Pair() {
    std::array<int, 2> both{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) == 0);
    theirs = std::make_shared<OpenFile>(both[0]);
    ours = OpenFile(both[1]);
  }
  std::shared_ptr<OpenFile> theirs;
  OpenFile ours;
};

/// Copies a store, whose loop turns meanwhile, as xionctl does. It is finished where the store is closed: a child is
/// made then, which xionctl's one thread may do, and none that has others beside it.
BackupFile copy_of(LmdbStore& store, PostBox& box, const std::string& path) {
  auto file = BackupFile::create(path);
  REQUIRE_MESSAGE(file.has_value(), (file ? "" : file.error().detail));
  Pair pair;
  std::optional<std::expected<void, std::string>> copied;
  store.copy_to(std::move(pair.theirs), [&](auto outcome) { copied = std::move(outcome); });
  std::thread reader([&] {
    std::array<char, 4096> piece{};
    for (ssize_t got = 0; (got = ::recv(pair.ours.get(), piece.data(), piece.size(), 0)) > 0;) {
      if (!file->add({piece.data(), static_cast<std::size_t>(got)})) return;
    }
  });
  CHECK(box.run_until([&] { return copied.has_value(); }));
  reader.join();
  REQUIRE_MESSAGE(copied->has_value(), copied->error());
  return std::move(*file);
}

std::string octets_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_octets(const std::string& path, const std::string& octets) {
  std::ofstream(path, std::ios::binary) << octets;
}

std::string why_not(const std::string& backup, const std::string& to, const CheckWishes& wishes = {}) {
  const auto restored = restore_backup(backup, to, wishes);
  return restored ? "" : restored.error().detail;
}

struct Backup {
  TempDirectory data, kept, target;
  const std::string path = kept.path() + "/one.backup";
  Backup() {
    PostBox box;
    auto store = opened(data.path(), box);
    insert(*store, 0, 500);
    REQUIRE(box.run_until([&] { return store->waiting() == 0; }));
    BackupFile copy = copy_of(*store, box, path);
    store.reset();
    const auto made = copy.finish(noon, {}, {});
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().detail));
  }
  bool target_is_empty() const { return std::filesystem::is_empty(target.path()); }
};

}  // namespace

TEST_CASE("a backup that is taken under traffic is one moment of the store, and restores to it") {
  TempDirectory data, kept, target;
  PostBox box;
  const std::string path = kept.path() + "/one.backup";
  std::uint64_t made = 0;
  {
    auto store = opened(data.path(), box);
    insert(*store, 0, 2'000);
    REQUIRE(box.run_until([&] { return store->waiting() == 0; }));
    insert(*store, 2'000, 4'000);  // Arrive while it is copied.
    BackupFile copy = copy_of(*store, box, path);
    REQUIRE(box.run_until([&] { return store->waiting() == 0; }));
    CHECK(store->status().requests == 4'000);
    store.reset();
    const auto backup = copy.finish(noon, {}, {});
    REQUIRE(backup.has_value());
    made = backup->census.of(Table::otps);
    CHECK(made >= 2'000);
    CHECK(made <= 4'000);
    CHECK(backup->census.unreadable == 0);
    CHECK(backup->seal.made_at == noon);
  }
  struct stat found{};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
  CHECK_FALSE(std::filesystem::exists(path + ".part"));
  CHECK(why_not(path, target.path(), {.check_value = &our_key}) == "");
  const auto store = opened(target.path(), box);
  CHECK(store->status().requests == made);
  std::optional<bool> is_live;
  run_task(
      *store, [](Txn& txn) { return txn.live_otp(key_of(sample_otp(noon, 7, 7))).has_value(); },
      [&](Commit, bool live) { is_live = live; });
  REQUIRE(box.run_until([&] { return is_live.has_value(); }));
  CHECK(*is_live);
}

TEST_CASE("a damaged backup is refused wherever the damage is, and nothing is written") {
  const Backup backup;
  const std::string whole = octets_of(backup.path);
  const std::string damaged = backup.kept.path() + "/damaged.backup";
  SUBCASE("cut short") {
    for (const std::size_t octets :
         {std::size_t{0}, std::size_t{1}, seal_octets, std::size_t{4096}, whole.size() / 2, whole.size() - 1}) {
      write_octets(damaged, whole.substr(0, octets));
      CHECK(why_not(damaged, backup.target.path()).find("has no seal at its end") != std::string::npos);
    }
  }
  SUBCASE("longer than it was") {
    write_octets(damaged, std::string(1, 'x') + whole);
    CHECK(why_not(damaged, backup.target.path()).find("were sealed") != std::string::npos);
  }
  SUBCASE("a bit turned over") {
    for (std::size_t at = 3; at < whole.size(); at += whole.size() / 97) {
      std::string other = whole;
      other[at] = static_cast<char>(other[at] ^ 0x10);
      write_octets(damaged, other);
      CHECK_FALSE(why_not(damaged, backup.target.path()).empty());
    }
    for (std::size_t at = whole.size() - seal_octets; at < whole.size(); ++at) {
      std::string other = whole;
      other[at] = static_cast<char>(other[at] ^ 1);
      write_octets(damaged, other);
      CHECK_FALSE(why_not(damaged, backup.target.path()).empty());
    }
  }
  SUBCASE("something else") {
    write_octets(damaged, std::string(100'000, 'x'));
    CHECK(why_not(damaged, backup.target.path()).find("it is no backup") != std::string::npos);
    CHECK(why_not(backup.kept.path(), backup.target.path()).find("is no file") != std::string::npos);
    CHECK(why_not(backup.kept.path() + "/nothing", backup.target.path()).find("No such file") != std::string::npos);
    CHECK(why_not(backup.data.path() + "/data.mdb", backup.target.path()).find("has no seal") != std::string::npos);
  }
  CHECK(backup.target_is_empty());
}

TEST_CASE("a sealed file that is no store, a newer one, or one of another master key is refused") {
  const Backup backup;
  const std::string sealed = backup.kept.path() + "/sealed.backup";
  const auto seal_of = [&](const std::string& octets) {
    auto file = BackupFile::create(sealed);
    REQUIRE(file.has_value());
    REQUIRE(file->add(octets).has_value());
    const auto made = file->finish(noon, {}, {});
    return made ? std::string() : made.error().detail;
  };
  CHECK(seal_of(std::string(8192, 'x')).find("it is no LMDB file") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(sealed));
  {
    LmdbKv kv(backup.data.path(), 64 << 20);
    kv.begin();
    kv.put(Table::meta, "schema", BigEndian<std::uint32_t>(999).view());
    kv.commit();
  }
  CHECK(seal_of(octets_of(backup.data.path() + "/data.mdb")).find("made by a newer xiond (schema 999") !=
        std::string::npos);
  const Digest other{9};
  CHECK(why_not(backup.path, backup.target.path(), {.check_value = &other}).find("master key is not the one") !=
        std::string::npos);
  CHECK(backup.target_is_empty());
}

TEST_CASE("records that can't be read are a reason to refuse, unless they are to be passed over") {
  const Backup backup;
  {
    LmdbKv kv(backup.data.path(), 64 << 20);
    kv.begin();
    kv.put(Table::apps, "abcd", "no app");
    kv.commit();
  }
  const std::string path = backup.kept.path() + "/second.backup";
  PostBox box;
  auto store = opened(backup.data.path(), box);
  BackupFile copy = copy_of(*store, box, path);
  store.reset();
  const auto made = copy.finish(noon, {}, {});
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().detail.find("1 records of") != std::string::npos);
  CHECK(made.error().detail.find("apps 61626364") != std::string::npos);
  CHECK(made.error().hint.find("--with-unreadable") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("nothing is overwritten: neither a file by a backup, nor a store by a restore, nor one that is used") {
  const Backup backup;
  PostBox box;
  CHECK(BackupFile::create(backup.path).error().detail.find("File exists") != std::string::npos);
  CHECK(why_not(backup.path, backup.data.path()).find("holds a store already") != std::string::npos);
  CHECK(why_not(backup.path, backup.target.path() + "/nowhere").find("there is no directory") != std::string::npos);
  const auto running = opened(backup.data.path(), box);
  CHECK(why_not(backup.path, backup.data.path()).find("in use by another xiond") != std::string::npos);
  {
    auto one = BackupFile::create(backup.kept.path() + "/two.backup");
    REQUIRE(one.has_value());
    CHECK(BackupFile::create(backup.kept.path() + "/two.backup").error().detail.find("another backup is writing") !=
          std::string::npos);
  }
  CHECK(BackupFile::create(backup.kept.path() + "/two.backup").has_value());
}

TEST_CASE("a copy whose reader goes, or that is in the way of a growing map, ends, and the store works on") {
  TempDirectory data;
  PostBox box;
  const auto before_test = std::signal(SIGPIPE, SIG_IGN);  // As a daemon's loop does.
  auto settings = settings_for(data.path());
  settings.map_octets = 1 << 20;
  auto store = LmdbStore::open(settings, box.post());
  REQUIRE(store.has_value());
  insert(**store, 0, 8'000);  // More than socket and pipe hold.
  REQUIRE(box.run_until([&] { return (*store)->waiting() == 0; }));
  Pair pair;
  std::optional<std::expected<void, std::string>> copied, second;
  (*store)->copy_to(std::move(pair.theirs), [&](auto outcome) { copied = std::move(outcome); });
  Pair other;
  (*store)->copy_to(std::move(other.theirs), [&](auto outcome) { second = std::move(outcome); });
  REQUIRE(second.has_value());
  CHECK(second->error() == "a backup or a compaction is under way already");
  SUBCASE("the reader goes") { pair.ours.close(); }
  SUBCASE("the map grows") {
    const auto before = (*store)->status().map_octets;
    insert(**store, 8'000, 30'000);  // Nobody reads the copy: it would never end.
    REQUIRE(box.run_until([&] { return (*store)->waiting() == 0; }));
    CHECK((*store)->status().map_octets > before);
  }
  SUBCASE("the store is closed") { store->reset(); }
  REQUIRE(box.run_until([&] { return copied.has_value(); }));
  std::signal(SIGPIPE, before_test);
  REQUIRE_FALSE(copied->has_value());
  if (!*store) return;  // The thread may not even have begun.
  CHECK(copied->error() == "the copy was broken off");
  insert(**store, 30'000, 30'100);
  REQUIRE(box.run_until([&] { return (*store)->waiting() == 0; }));
  CHECK((*store)->status().is_writable);
}

namespace {

/// A backup of these octets whose seal is right, as whoever can write a file makes one.
std::string sealed(std::string data, const Digest& proof = {}) {
  Seal seal{.made_at = noon, .data_octets = data.size(), .proof = proof, .digest = {}};
  Sha256 hash;
  hash.add(data);
  hash.add(to_octets(seal).substr(0, sealed_octets));
  seal.digest = hash.digest();
  return data + to_octets(seal);
}

std::string data_of(const std::string& backup) { return backup.substr(0, backup.size() - seal_octets); }

Digest digest_of(const std::string& data) {
  Sha256 hash;
  hash.add(data);
  return hash.digest();
}

}  // namespace

TEST_CASE("with a master key only what was made under it is taken") {
  const Backup backup;
  const std::string data = data_of(octets_of(backup.path)), signed_one = backup.kept.path() + "/signed.backup";
  const MasterKey ours(std::string(master_key_octets, '7')), another(std::string(master_key_octets, '8'));
  CHECK(why_not(backup.path, backup.target.path(), {.master = &ours}).find("was not made by an xiond with this") !=
        std::string::npos);
  write_octets(signed_one, sealed(data, backup_mac(another, data.size(), digest_of(data))));
  CHECK(why_not(signed_one, backup.target.path(), {.master = &ours}).find("was not made by an xiond with this") !=
        std::string::npos);
  write_octets(signed_one, sealed(data + std::string(4096, '\0'), backup_mac(ours, data.size(), digest_of(data))));
  CHECK(why_not(signed_one, backup.target.path(), {.master = &ours}).find("was not made by an xiond with this") !=
        std::string::npos);
  // Its store is another master key's all the same: that is said next.
  write_octets(signed_one, sealed(data, backup_mac(ours, data.size(), digest_of(data))));
  CHECK(why_not(signed_one, backup.target.path(), {.master = &ours}).find("master key") != std::string::npos);
  CHECK(backup.target_is_empty());
}

TEST_CASE("a forged data file ends in a refusal or a census, never in a signal") {
  const Backup backup;
  const std::string data = data_of(octets_of(backup.path)), forged = backup.kept.path() + "/forged.backup";
  std::uint64_t random = 1;
  const auto next = [&random] {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(random >> 33);
  };
  int refused = 0;
  for (int round = 0; round < 150; ++round) {
    std::string octets = data;
    for (std::size_t i = 0, count = 1 + next() % 64; i < count; ++i)
      octets[round % 3 == 0 ? next() % 8192 : next() % octets.size()] = static_cast<char>(next());
    if (round % 5 == 0) octets.resize(next() % octets.size());
    write_octets(forged, sealed(octets));
    const auto checked = check_backup(forged, {});
    if (checked) continue;
    ++refused;
    CHECK_FALSE(checked.error().detail.empty());
  }
  CHECK(refused > 20);
  for (const std::string& octets : {std::string(), std::string(4096, '\0'), std::string(65536, '\xff')}) {
    write_octets(forged, sealed(octets));
    CHECK_FALSE(check_backup(forged, {}));
  }
}
