// Fills a store with a long log, through the engine: what tests/bench/rows measures searches in.
//
//   bench_make_rows DATA_DIR MASTER_KEY_FILE COUNT
//
// App 1 has nearly all of the requests, spread over the last 60 days. Among them, evenly, are 40 needles: of app 1 with
// the phone +37499000001, the reference "needle", the country FR, locked and rejected by the carrier; and beside each a
// request of app 2.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "crypto/code_vault.h"
#include "crypto/master_key.h"
#include "domain/txn.h"
#include "lmdb/lmdb_kv.h"
#include "store/log_engine.h"
#include "store/near/near_kv.h"

using namespace xion;

namespace {

constexpr std::uint64_t needles = 40;
constexpr std::uint64_t batch_requests = 4'096;
constexpr std::string_view usual_countries[] = {"AM", "AM", "AM", "GE", "DE"};

std::uint64_t mixed(std::uint64_t n) {
  n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9;
  n = (n ^ (n >> 27)) * 0x94D049BB133111EB;
  return n ^ (n >> 31);
}

OtpId id_at(WallTime at, std::uint64_t n) {
  std::array<std::uint8_t, 5> random{};
  const std::uint64_t octets = mixed(n);
  std::memcpy(random.data(), &octets, random.size());
  return make_otp_id(at, random);
}

/// A request as it is when all is over.
Otp ended_request(std::uint64_t n, WallTime at, bool is_needle, Vault& vault) {
  const std::uint64_t chance = mixed(n * 3 + 1);
  const std::string phone = is_needle ? "+37499000001" : fmt::format("+3749{:08}", mixed(n) % 100'000'000);
  Otp otp;
  otp.id = id_at(at, n);
  otp.app = 1;
  otp.phone = vault.phone_fingerprint(phone);
  otp.phone_sealed = vault.seal(otp.id, phone);
  otp.country = is_needle ? "FR" : usual_countries[chance % std::size(usual_countries)];
  otp.calling_prefix = "374";
  otp.reference = is_needle ? "needle" : fmt::format("order-{}", n);
  otp.route_taken = "main";
  std::memcpy(otp.salt.data(), &chance, sizeof chance);
  otp.code_hash.fill(static_cast<std::uint8_t>(chance));
  otp.created_at = at;
  otp.expires_at = at + Seconds{300};
  const bool is_verified = chance / 8 % 10 != 0;
  otp.status = is_needle ? OtpStatus::locked : is_verified ? OtpStatus::verified : OtpStatus::expired;
  otp.ended_at = is_verified ? at + Seconds{20} : otp.expires_at;
  Message& message = otp.messages.emplace_back();
  message.state = is_needle ? MessageState::rejected : MessageState::delivered;
  message.queued_at = at;
  message.ended_at = at + Seconds{3};
  Submission& submission = message.submissions.emplace_back();
  submission.carrier = "primary";
  submission.state = message.state;
  submission.at = at;
  submission.answered_at = at + Millis{40};
  submission.segments.push_back({.smsc_message_id = fmt::format("{:016x}", n), .state = message.state});
  submission.receipt_at = at + Seconds{3};
  submission.receipt_error = "000";
  return otp;
}

class Rows {
 public:
  Rows(std::uint64_t count, WallTime first, WallTime last, Vault& vault)
      : count_(count), first_(first), span_(last - first), vault_(vault) {}
  WallTime at(std::uint64_t n) const {
    return first_ + Millis{static_cast<std::int64_t>(static_cast<double>(span_.count()) * static_cast<double>(n) /
                                                     static_cast<double>(count_))};
  }
  void insert(Txn& txn, std::uint64_t n) {
    const std::uint64_t step = std::max<std::uint64_t>(count_ / needles, 2);
    const std::uint64_t place = n % step;
    Otp otp = ended_request(n, at(n), place == step / 2, vault_);
    if (place == step / 2 - 1) otp.app = 2;
    txn.insert(otp);
  }

 private:
  std::uint64_t count_;
  WallTime first_;
  Millis span_;
  Vault& vault_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: bench_make_rows DATA_DIR MASTER_KEY_FILE COUNT\n", stderr);
    return 2;
  }
  const auto key = read_master_key(argv[2]);
  if (!key) return std::fprintf(stderr, "%s\n", key.error().c_str()), 1;
  OpenSslVault vault(*key);
  const std::uint64_t count = std::strtoull(argv[3], nullptr, 10);
  const WallTime now = std::chrono::floor<Millis>(std::chrono::system_clock::now());
  Rows rows(count, now - std::chrono::days{60}, now - std::chrono::hours{1}, vault);
  try {
    LmdbKv disk(argv[1], std::size_t{64} << 30);
    NearKv kv(disk);
    LogEngine engine(kv);
    if (const auto opened = engine.open(vault.check_value(), now); !opened)
      return std::fprintf(stderr, "%s\n", opened.error().text.c_str()), 1;
    Txn txn(engine.records());
    for (std::uint64_t n = 0; n < count;) {
      const std::uint64_t end = std::min(n + batch_requests, count);
      const WallTime now_then = rows.at(end);
      engine.begin(now_then);
      txn.begin(now_then);
      for (std::uint64_t i = n; i < end; ++i) rows.insert(txn, i);
      // As a log that grew in its time: all is known that will ever be known of these.
      txn.set_overdue_mark(first_otp_id_at(now_then));
      engine.finish();
      engine.commit();
      if (n / 500'000 != end / 500'000) std::fprintf(stderr, "  %llu requests\n", static_cast<unsigned long long>(end));
      n = end;
    }
    kv.fold_all();
  } catch (const StoreFailure& failure) {
    return std::fprintf(stderr, "%s\n", failure.what()), 1;
  }
  return 0;
}
