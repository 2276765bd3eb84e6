// Fills a store with apps that have traffic: what tests/bench/alerts has watched.
//
//   bench_make_apps DATA_DIR MASTER_KEY_FILE COUNT
//
// Each app has 200 requests a day in the last nine days and ten in each of the last hours, of which 95 of a hundred are
// delivered; the last app loses half of them since yesterday. Their sums alone are written, which is all that alerts
// are made of. Each has a key, which is printed, a line each.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "crypto/code_vault.h"
#include "crypto/master_key.h"
#include "domain/txn.h"
#include "lmdb/lmdb_kv.h"
#include "store/log_engine.h"
#include "store/near/near_kv.h"

using namespace xion;

namespace {

constexpr int days_back = 9, hours_back = 47;
constexpr std::int64_t of_a_day = 200, of_an_hour = 10;
constexpr int apps_of_a_commit = 200;

StatSums sums_of(std::int64_t requests, bool is_bad) {
  StatSums sums;
  const auto set = [&](Stat stat, std::int64_t value) { sums.counts[static_cast<std::size_t>(stat)] = value; };
  const std::int64_t delivered = is_bad ? requests / 2 : requests * 95 / 100;
  set(Stat::requests, requests);
  set(Stat::sent, requests);
  set(Stat::delivered, delivered);
  set(Stat::undelivered, requests - delivered);
  set(Stat::verified, delivered * 9 / 10);
  set(Stat::expired, requests - delivered * 9 / 10);
  return sums;
}

void put_traffic(Txn& txn, AppId app, bool is_bad, WallTime now) {
  const auto put = [&](SumsPlace::Period period, std::int32_t when, std::int64_t requests, bool is_lost) {
    txn.records().sums({period, app, when}, StatKind::all, {}) = sums_of(requests, is_lost);
  };
  for (int back = 0; back <= days_back; ++back)
    put(SumsPlace::Period::day, day_of(now) - back, of_a_day, is_bad && back <= 1);
  for (int back = 0; back <= hours_back; ++back) put(SumsPlace::Period::hour, hour_of(now) - back, of_an_hour, is_bad);
}

/// Its key.
std::string put_app(Txn& txn, int number, bool is_bad, Vault& vault, WallTime now) {
  const std::string name = fmt::format("app-{:05}", number);
  const App app{.id = txn.next_app_id(), .name = name, .plan = "custom", .created_at = now, .overrides = {}};
  txn.put(app);
  const std::string text = fmt::format("xk_live_{:040}", number);
  ApiKey key;
  key.id = fmt::format("key_{:010}", number);
  key.app = app.id;
  key.hash = vault.api_key_hash(text);
  key.created_at = now;
  txn.put(key);
  put_traffic(txn, app.id, is_bad, now);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: bench_make_apps DATA_DIR MASTER_KEY_FILE COUNT\n", stderr);
    return 2;
  }
  const auto master = read_master_key(argv[2]);
  if (!master) return std::fprintf(stderr, "%s\n", master.error().c_str()), 1;
  OpenSslVault vault(*master);
  const int count = std::atoi(argv[3]);
  const WallTime now = std::chrono::floor<Millis>(std::chrono::system_clock::now());
  try {
    LmdbKv disk(argv[1], std::size_t{64} << 30);
    NearKv kv(disk);
    LogEngine engine(kv);
    if (const auto opened = engine.open(vault.check_value(), now); !opened)
      return std::fprintf(stderr, "%s\n", opened.error().text.c_str()), 1;
    Txn txn(engine.records());
    for (int n = 0; n < count;) {
      engine.begin(now);
      txn.begin(now);
      for (int i = 0; i < apps_of_a_commit && n < count; ++i, ++n)
        std::puts(put_app(txn, n + 1, n + 1 == count, vault, now).c_str());
      engine.finish();
      engine.commit();
    }
    kv.fold_all();
  } catch (const StoreFailure& failure) {
    return std::fprintf(stderr, "%s\n", failure.what()), 1;
  }
  return 0;
}
