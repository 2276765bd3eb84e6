// A day of keyed sends in a store, and whether what they were promised is kept: what tests/bench/promises runs.
//
//   bench_promises make DATA_DIR MASTER_KEY_FILE SENDS NOW   writes the day before NOW (milliseconds since 1970)
//   bench_promises check DATA_DIR MASTER_KEY_FILE SENDS NOW  opens it at NOW, asks, and prints one JSON object
//
// Rows are written by the engine, by transactions of the size that a busy minute has, under a clock that is wound
// through the day. Most sends are written as they are when all is over. Those that are asked about are written as they
// happen: sent, then named by the carrier, with no receipt. Which ones they are follows from their number.
#include <fmt/format.h>

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "core/limits/limits.h"
#include "crypto/code_vault.h"
#include "crypto/master_key.h"
#include "domain/txn.h"
#include "lmdb/lmdb_kv.h"
#include "store/log_engine.h"
#include "store/near/near_kv.h"

using namespace xion;

namespace {

constexpr std::uint64_t asked = 1'000;
constexpr std::uint64_t batch_sends = 512;
constexpr RateRule of_phone{10, Seconds{86'400}};
constexpr RateRule of_address{20, Seconds{86'400}};
constexpr std::size_t map_octets = std::size_t{64} << 30;

std::uint64_t mixed(std::uint64_t n) {
  n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9;
  n = (n ^ (n >> 27)) * 0x94D049BB133111EB;
  return n ^ (n >> 31);
}

/// What a vault makes of a phone, an address or an Idempotency-Key: octets as good as random.
template <typename Octets>
Octets keyed(std::uint64_t kind, std::uint64_t n) {
  Octets octets{};
  for (std::size_t i = 0; i < octets.size(); i += 8) {
    const std::uint64_t word = mixed(mixed(n * 4 + kind) + i);
    std::memcpy(octets.data() + i, &word, std::min<std::size_t>(8, octets.size() - i));
  }
  return octets;
}
Digest key_of(std::uint64_t n) { return keyed<Digest>(1, n); }
std::string carriers_id(std::uint64_t n) { return fmt::format("{:016x}", mixed(n) | 1); }

class DayOfSends {
 public:
  DayOfSends(std::uint64_t sends, WallTime end) : sends_(sends), end_(end) {}

  std::uint64_t sends() const { return sends_; }
  WallTime at(std::uint64_t n) const {
    constexpr double day_ms = 86'400'000;
    return end_ - Millis{static_cast<std::int64_t>(day_ms * static_cast<double>(sends_ - n) /
                                                   static_cast<double>(sends_ + 1))};
  }
  /// The send nearest to so many hours ago.
  std::uint64_t hours_ago(double hours) const {
    return static_cast<std::uint64_t>(static_cast<double>(sends_) * (24 - hours) / 24);
  }
  /// Phones, then addresses, whose limit is used up: each by as many sends one after the other, 1 to 20 hours ago.
  Fingerprint used_up(std::uint64_t i, bool is_phone) const { return keyed<Fingerprint>(is_phone ? 2 : 3, ~i); }

  /// The subjects of send `n`: ordinary ones are random, of a hundred million phones and sixteen million addresses.
  struct Subjects {
    Fingerprint phone, address;
  };
  Subjects subjects(std::uint64_t n) const {
    Subjects of{keyed<Fingerprint>(2, mixed(n) % 100'000'000), keyed<Fingerprint>(3, mixed(n + sends_) % 16'000'000)};
    const std::uint64_t first = hours_ago(20), last = hours_ago(1), each = of_phone.count + of_address.count;
    const std::uint64_t step = (last - first) / asked;
    if (n < first || step < each) return of;
    const std::uint64_t i = (n - first) / step, place = (n - first) % step;
    if (i >= asked || place >= each) return of;
    if (place < of_phone.count)
      of.phone = used_up(i, true);
    else
      of.address = used_up(i, false);
    return of;
  }
  /// Whether its receipt is 20 h late.
  bool is_late(std::uint64_t n) const { return n >= hours_ago(20) && n < hours_ago(20) + asked; }

  OtpId id(std::uint64_t n) const {
    std::array<std::uint8_t, 5> random{};
    const std::uint64_t octets = mixed(n * 7 + 3);
    std::memcpy(random.data(), &octets, random.size());
    return make_otp_id(at(n), random);
  }

  Otp sent(std::uint64_t n) const {
    const std::uint64_t chance = mixed(n * 3 + 1);
    const Subjects of = subjects(n);
    Otp otp;
    otp.id = id(n);
    otp.app = 1;
    otp.phone = of.phone;
    otp.user_ip = of.address;
    otp.phone_sealed = std::string(40, static_cast<char>(chance));
    otp.country = "AM";
    otp.calling_prefix = "374";
    otp.number_block = static_cast<std::uint32_t>(1 + chance % 20'000);
    otp.route_taken = "main";
    std::memcpy(otp.salt.data(), &chance, sizeof chance);
    otp.code_hash.fill(static_cast<std::uint8_t>(chance));
    otp.created_at = at(n);
    otp.expires_at = at(n) + Seconds{300};
    Message& message = otp.messages.emplace_back();
    message.state = MessageState::submitting;
    message.queued_at = at(n);
    Submission& submission = message.submissions.emplace_back();
    submission.carrier = "primary";
    submission.state = MessageState::submitting;
    submission.at = at(n);
    submission.segments.emplace_back();
    return otp;
  }
  static void answered(Otp& otp, std::uint64_t n, MessageState state) {
    Message& message = otp.messages.back();
    message.state = message.submissions.back().state = state;
    message.submissions.back().answered_at = otp.created_at + Millis{40};
    message.submissions.back().segments.back() = {.smsc_message_id = carriers_id(n), .state = state};
    otp.status = mixed(n * 3 + 1) / 8 % 10 != 0 ? OtpStatus::verified : OtpStatus::expired;
    otp.ended_at = otp.status == OtpStatus::verified ? otp.created_at + Seconds{20} : otp.expires_at;
  }

  void send(Txn& txn, std::uint64_t n) const {
    Otp otp = sent(n);
    if (!is_late(n)) answered(otp, n, MessageState::delivered);
    txn.note_send(otp);
    txn.insert(otp);
    if (otp.status == OtpStatus::verified) txn.note_verified(otp);
    txn.put_answer(key_of(n), {key_of(n + 1), 202, {}, fmt::format(R"({{"requestId":"{}"}})", to_string(otp.id))},
                   at(n));
  }
  /// The response of the carrier to one whose receipt is late, a transaction later.
  void answer(Txn& txn, std::uint64_t n) const {
    auto otp = txn.otp(id(n));
    if (!otp) return;
    answered(*otp, n, MessageState::submitted);
    txn.put(*otp);
    if (otp->status == OtpStatus::verified) txn.note_verified(*otp);
  }

 private:
  std::uint64_t sends_;
  WallTime end_;
};

/// As xiond has it: the rules over an engine over LMDB.
class Opened {
 public:
  explicit Opened(const std::string& folder)
      : disk_(folder, map_octets), kv_(disk_), engine_(kv_), txn_(engine_.records()) {}

  LogEngine& engine() { return engine_; }
  /// Applied and committed.
  template <typename Work>
  void run(WallTime now, Work work) {
    engine_.begin(now);
    txn_.begin(now);
    work(txn_);
    engine_.finish();
    engine_.commit();
  }

 private:
  LmdbKv disk_;
  NearKv kv_;
  LogEngine engine_;
  Txn txn_;
};

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double resident_mib(const char* what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(what)) return std::strtod(line.c_str() + std::strlen(what), nullptr) / 1024;
  return 0;
}

void make(Opened& store, const DayOfSends& day) {
  double longest = 0;
  for (std::uint64_t n = 0; n < day.sends();) {
    const std::uint64_t end = std::min(n + batch_sends, day.sends());
    const auto began = std::chrono::steady_clock::now();
    store.run(day.at(end), [&](Txn& txn) {
      for (std::uint64_t i = n < batch_sends ? 0 : n - batch_sends; i < n; ++i)
        if (day.is_late(i)) day.answer(txn, i);
      for (std::uint64_t i = n; i < end; ++i) day.send(txn, i);
      txn.set_overdue_mark(first_otp_id_at(day.at(end)));
    });
    longest = std::max(longest, seconds_since(began));
    if (n / 500'000 != end / 500'000)
      std::fprintf(stderr, "  %llu sends, longest commit of %llu: %.0f ms\n", static_cast<unsigned long long>(end),
                   static_cast<unsigned long long>(batch_sends), longest * 1'000);
    n = end;
  }
}

struct Kept {
  std::uint64_t answers = 0, receipts = 0, phones = 0, addresses = 0;
  bool is_all() const { return answers == asked && receipts == asked && phones == asked && addresses == asked; }
};

bool is_used_up(Txn& txn, HistoryKind kind, const Fingerprint& subject, const RateRule& rule, WallTime now) {
  std::vector<WallTime> times;
  for (const HistoryEntry& entry : txn.history({kind, 1, subject}, now - rule.window)) times.push_back(entry.at);
  return !check_rates("", std::span(&rule, 1), times, now).empty();
}

Kept ask(Opened& store, const DayOfSends& day, WallTime now) {
  Kept kept;
  // In transactions of so many as a busy daemon's have.
  constexpr std::uint64_t in_one = 50;
  for (std::uint64_t begin = 0; begin < asked; begin += in_one) {
    store.run(now, [&](Txn& txn) {
      for (std::uint64_t i = begin; i < begin + in_one; ++i) {
        const std::uint64_t n = mixed(i + 99) % day.sends();
        const auto answer = txn.answer(key_of(n));
        kept.answers += answer && answer->body.find(to_string(day.id(n))) != std::string::npos ? 1 : 0;
        const std::uint64_t late = day.hours_ago(20) + i;
        const auto refs = txn.submissions("primary", carriers_id(late));
        kept.receipts += refs.size() == 1 && refs.front().otp == day.id(late) ? 1 : 0;
        kept.phones += is_used_up(txn, HistoryKind::sends_of_phone, day.used_up(i, true), of_phone, now) ? 1 : 0;
        kept.addresses +=
            is_used_up(txn, HistoryKind::sends_of_user_ip, day.used_up(i, false), of_address, now) ? 1 : 0;
      }
    });
  }
  return kept;
}

/// What the store does for one send: the looks of its rules, its rows, and the commit. Milliseconds.
double send_once(Opened& store, const DayOfSends& fresh, std::uint64_t n) {
  const auto began = std::chrono::steady_clock::now();
  store.run(fresh.at(n), [&](Txn& txn) {
    const Otp otp = fresh.sent(n);
    const WallTime day_ago = otp.created_at - std::chrono::hours{24};
    (void)txn.answer(key_of(n));
    (void)txn.live_otp({1, otp.phone, "default"});
    for (const HistoryKind kind : {HistoryKind::resets, HistoryKind::locks_of_phone, HistoryKind::sends_of_phone})
      (void)txn.history({kind, 1, otp.phone}, day_ago);
    for (const HistoryKind kind : {HistoryKind::resets, HistoryKind::sends_of_user_ip})
      (void)txn.history({kind, 1, *otp.user_ip}, day_ago);
    for (const TrafficKey& key : traffic_keys(otp)) (void)txn.traffic(key, otp.created_at);
    txn.note_send(otp);
    txn.insert(otp);
    txn.put_answer(key_of(n), {key_of(n), 202, {}, "{}"}, otp.created_at);
  });
  return seconds_since(began) * 1'000;
}

/// Pages of the file that had to be fetched from the disk, and looks at those that had to be mapped only. Source:
/// getrusage(2).
struct Faults {
  std::int64_t fetched = 0, mapped = 0;
};
Faults faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {usage.ru_majflt, usage.ru_minflt};
}

/// Of sends to either store in turns, so that whatever else the machine does meets both. Milliseconds.
struct InTurns {
  std::array<double, 2> p50{};           ///< Over the empty one, over the day.
  std::int64_t fetched = 0, mapped = 0;  ///< For the day's.
};

InTurns send_in_turns(Opened& empty, Opened& store, const DayOfSends& fresh, std::uint64_t begin, std::uint64_t end) {
  InTurns turns;
  std::array<std::vector<double>, 2> took_ms;
  for (std::uint64_t n = begin; n < end; ++n) {
    took_ms[0].push_back(send_once(empty, fresh, n));
    const Faults before = faults();
    took_ms[1].push_back(send_once(store, fresh, n));
    turns.fetched += faults().fetched - before.fetched;
    turns.mapped += faults().mapped - before.mapped;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    std::ranges::sort(took_ms[i]);
    turns.p50[i] = took_ms[i][took_ms[i].size() / 2];
  }
  return turns;
}

int check(Opened& store, double open_s, const DayOfSends& day, WallTime now, const std::string& empty_folder,
          const Digest& check_value) {
  const double opened = resident_mib("VmHWM:");
  const auto began = std::chrono::steady_clock::now();
  const Kept kept = ask(store, day, now);
  const double asked_s = seconds_since(began);
  // The empty store beside it has memory of its own, which is none of the day's.
  const double rss = resident_mib("VmRSS:"), most = resident_mib("VmHWM:"), of_file = resident_mib("RssFile:");
  Opened empty(empty_folder);
  if (!empty.engine().open(check_value, now)) return 1;
  // Sends of the next minutes, which the day did not have: the first after the start, and those that come when what
  // is asked about most has been asked about.
  constexpr std::uint64_t sends = 2'000, warm_after = 30'000;
  const DayOfSends fresh(2 * day.sends(), now + std::chrono::hours{12});
  const std::uint64_t begin = day.sends();
  const InTurns first = send_in_turns(empty, store, fresh, begin, begin + sends);
  (void)send_in_turns(empty, store, fresh, begin + sends, begin + warm_after);
  const InTurns then = send_in_turns(empty, store, fresh, begin + warm_after, begin + warm_after + sends);
  const auto size = store.engine().index_size();
  const bool holds = kept.is_all() && most <= 250 && then.p50[1] <= 1.5 * then.p50[0];
  fmt::print(
      R"({{"sends":{},"replayed":{},"receipts_matched":{},"phones_limited":{},"addresses_limited":{},"asked_s":{:.3f},)"
      R"("open_s":{:.2f},"rss_mib":{:.0f},"rss_opening_mib":{:.0f},"rss_most_mib":{:.0f},"rss_file_mib":{:.0f},)"
      R"("send_p50_ms":{:.3f},"send_p50_empty_ms":{:.3f},)"
      R"("send_p50_ratio":{:.2f},"first_sends_p50_ms":{:.3f},"first_sends_p50_ratio":{:.2f},)"
      R"("pages_fetched_per_send":{:.2f},"pages_mapped_per_send":{:.1f},)"
      R"("runs":{},"run_entries":{},"filters_mib":{:.1f},"holds":{}}})"
      "\n",
      day.sends(), kept.answers, kept.receipts, kept.phones, kept.addresses, asked_s, open_s, rss, opened, most,
      of_file, then.p50[1], then.p50[0], then.p50[1] / then.p50[0], first.p50[1], first.p50[1] / first.p50[0],
      static_cast<double>(then.fetched) / sends, static_cast<double>(then.mapped) / sends, size.runs, size.run_entries,
      static_cast<double>(size.filter_octets) / (1 << 20), holds);
  return holds ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc == 6 ? argv[1] : "";
  if (mode != "make" && mode != "check") {
    std::fputs("usage: bench_promises make|check DATA_DIR MASTER_KEY_FILE SENDS NOW\n", stderr);
    return 2;
  }
  const auto key = read_master_key(argv[3]);
  if (!key) return std::fprintf(stderr, "%s\n", key.error().c_str()), 2;
  OpenSslVault vault(*key);
  const WallTime now = wall_time(std::strtoll(argv[5], nullptr, 10));
  const DayOfSends day(std::strtoull(argv[4], nullptr, 10), now);
  try {
    const auto began = std::chrono::steady_clock::now();
    Opened store(argv[2]);
    if (const auto opened = store.engine().open(vault.check_value(), mode == "make" ? day.at(0) : now); !opened)
      return std::fprintf(stderr, "%s\n", opened.error().text.c_str()), 2;
    if (mode == "check")
      return check(store, seconds_since(began), day, now, std::string(argv[2]) + "/empty", vault.check_value());
    make(store, day);
  } catch (const StoreFailure& failure) {
    return std::fprintf(stderr, "%s\n", failure.what()), 2;
  }
  return 0;
}
