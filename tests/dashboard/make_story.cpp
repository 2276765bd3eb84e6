// Fills a store with 60 days of an app's traffic, through the engine: what tests/dashboard asks its questions of.
//
//   dashboard_story DATA_DIR MASTER_KEY_FILE REQUESTS_A_DAY
//
// App 1 sends to two dozen countries by two carriers. In the last seven days the carrier "backup" loses two of five
// messages (error 045) and takes half a minute; nothing else changes. Weekends are quiet, and there was nothing on the
// first five days.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "crypto/code_vault.h"
#include "crypto/master_key.h"
#include "domain/txn.h"
#include "lmdb/lmdb_kv.h"
#include "store/log_engine.h"
#include "store/near/near_kv.h"

using namespace xion;

namespace {

constexpr int days = 60, days_before_the_first = 5, bad_days = 7;

struct Destination {
  std::string_view country, prefix;
  int weight;
};
/// Most to Armenia; enough others that a list has to be opened.
constexpr Destination destinations[] = {
    {"AM", "374", 60}, {"RU", "7", 14},  {"GE", "995", 9}, {"US", "1", 5},   {"FR", "33", 4}, {"DE", "49", 3},
    {"GB", "44", 2},   {"IT", "39", 2},  {"ES", "34", 1},  {"PL", "48", 1},  {"NL", "31", 1}, {"BE", "32", 1},
    {"AE", "971", 1},  {"IL", "972", 1}, {"TR", "90", 1},  {"IN", "91", 1},  {"BR", "55", 1}, {"SE", "46", 1},
    {"NO", "47", 1},   {"DK", "45", 1},  {"FI", "358", 1}, {"CZ", "420", 1}, {"AT", "43", 1}, {"CH", "41", 1},
};

std::uint64_t mixed(std::uint64_t n) {
  n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9;
  n = (n ^ (n >> 27)) * 0x94D049BB133111EB;
  return n ^ (n >> 31);
}
/// The `which`-th number of a request, 0 to `below` - 1.
int chance(std::uint64_t n, std::uint64_t which, int below) {
  return static_cast<int>(mixed(n * 8 + which) % static_cast<std::uint64_t>(below));
}

const Destination& destination_of(std::uint64_t n) {
  int all = 0;
  for (const Destination& one : destinations) all += one.weight;
  int at = chance(n, 1, all);
  for (const Destination& one : destinations) {
    if (at < one.weight) return one;
    at -= one.weight;
  }
  return destinations[0];
}

OtpId id_at(WallTime at, std::uint64_t n) {
  std::array<std::uint8_t, 5> random{};
  const std::uint64_t octets = mixed(n);
  std::memcpy(random.data(), &octets, random.size());
  return make_otp_id(at, random);
}

/// What the request is, whatever became of it.
Otp begun_request(std::uint64_t n, WallTime at, Vault& vault) {
  const Destination& to = destination_of(n);
  const std::string phone = fmt::format("+{}99{:07}", to.prefix, mixed(n) % 10'000'000);
  Otp otp;
  otp.id = id_at(at, n);
  otp.app = 1;
  otp.phone = vault.phone_fingerprint(phone);
  otp.phone_sealed = vault.seal(otp.id, phone);
  otp.country = to.country;
  otp.calling_prefix = to.prefix;
  otp.reference = n % 3 == 0 ? fmt::format("{}", 500'000'000 + n) : fmt::format("order-{}", n);
  otp.user_id = fmt::format("user-{}", n % 4'000);
  otp.route_taken = to.country == "AM" ? "armenia" : "world";
  otp.salt[0] = static_cast<std::uint8_t>(n);
  otp.code_hash.fill(static_cast<std::uint8_t>(n));
  otp.created_at = at;
  otp.expires_at = at + Seconds{300};
  return otp;
}

void block(Otp& otp, std::uint64_t n) {
  constexpr std::string_view reasons[] = {"cooldown_active", "rate_limited", "country_not_allowed"};
  otp.status = OtpStatus::blocked;
  otp.reason = reasons[static_cast<std::size_t>(chance(n, 5, 3))];
  otp.ended_at = otp.created_at;
  otp.policy_events.push_back({.at = otp.created_at, .is_refusal = true, .reason = otp.reason});
}

void send(Otp& otp, std::uint64_t n, bool is_bad_week) {
  // Armenia goes by "primary" mostly, the rest of the world by "backup".
  const bool by_backup = chance(n, 2, 10) < (otp.country == "AM" ? 2 : 8);
  const bool is_bad = by_backup && is_bad_week;
  const bool is_lost = chance(n, 3, 100) < (is_bad ? 40 : 3);
  const Millis took{is_bad ? 20'000 + chance(n, 4, 60'000) : 900 + chance(n, 4, 5'000)};
  Message& message = otp.messages.emplace_back();
  message.state = is_lost ? MessageState::undelivered : MessageState::delivered;
  message.queued_at = otp.created_at;
  message.ended_at = otp.created_at + took;
  Submission& submission = message.submissions.emplace_back();
  submission.carrier = by_backup ? "backup" : "primary";
  submission.state = message.state;
  submission.at = otp.created_at;
  submission.answered_at = otp.created_at + Millis{40};
  submission.segments.push_back({.smsc_message_id = fmt::format("{:016x}", n), .state = message.state});
  submission.receipt_at = message.ended_at;
  submission.receipt_error = is_lost ? (is_bad ? "045" : "001") : "000";
  const bool is_verified = !is_lost && chance(n, 6, 100) < 90;
  otp.status = is_verified ? OtpStatus::verified : OtpStatus::expired;
  otp.ended_at = is_verified ? *message.ended_at + Seconds{15} : otp.expires_at;
}

void write(const char* folder, Vault& vault, int a_day) {
  const WallTime now = std::chrono::floor<Millis>(std::chrono::system_clock::now());
  LmdbKv disk(folder, std::size_t{4} << 30);
  NearKv kv(disk);
  LogEngine engine(kv);
  if (const auto opened = engine.open(vault.check_value(), now); !opened) throw StoreFailure(opened.error().text);
  Txn txn(engine.records());
  std::uint64_t n = 0;
  for (int day = days_before_the_first; day < days; ++day) {
    const WallTime begin = now - std::chrono::days{days - day};
    const auto weekday = std::chrono::weekday{std::chrono::floor<std::chrono::days>(begin)};
    const bool is_weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
    const int count = is_weekend ? a_day / 2 : a_day + day * a_day / 200;
    engine.begin(begin);
    txn.begin(begin);
    for (int i = 0; i < count; ++i, ++n) {
      const WallTime at = begin + Millis{86'000'000LL * i / count};
      Otp otp = begun_request(n, at, vault);
      if (chance(n, 7, 100) < 3)
        block(otp, n);
      else
        send(otp, n, day >= days - bad_days);
      txn.insert(otp);
    }
    txn.set_overdue_mark(first_otp_id_at(begin + std::chrono::days{1}));
    engine.finish();
    engine.commit();
  }
  kv.fold_all();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: dashboard_story DATA_DIR MASTER_KEY_FILE REQUESTS_A_DAY\n", stderr);
    return 2;
  }
  const auto key = read_master_key(argv[2]);
  if (!key) return std::fprintf(stderr, "%s\n", key.error().c_str()), 1;
  OpenSslVault vault(*key);
  try {
    write(argv[1], vault, std::atoi(argv[3]));
  } catch (const StoreFailure& failure) {
    return std::fprintf(stderr, "%s\n", failure.what()), 1;
  }
  return 0;
}
