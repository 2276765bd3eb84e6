#include "core/guard/guess_budget.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "base/octets.h"
#include "core/limits/limits.h"
#include "core/record_formats.h"
#include "core/row_id.h"

namespace xion {
namespace {

struct Step {
  std::uint32_t wrong;  ///< From so many in a row on …
  Seconds wait;         ///< … each costs so long.
};
/// Three requests of five tries are free: whoever mistypes that often is somebody's customer still. From there on the
/// waits grow, so that the hundred take weeks.
constexpr Step steps[] = {
    {80, Seconds{86'400}}, {60, Seconds{4 * 3600}}, {40, Seconds{3600}},
    {30, Seconds{900}},    {20, Seconds{300}},      {15, Seconds{60}},
};

/// The fastest guesser, in the time of the rules.
class Guesser {
 public:
  Guesser(const OtpSettings& otp, const LimitSettings& limits) : otp_(otp), limits_(limits) {}

  std::uint32_t guesses_within(Seconds span) {
    const WallTime end = start + span;
    while (row_.wrong < guesses_in_a_row_max) {
      wait_for_locks();
      if (!has_code()) send();
      if (now_ >= end) break;
      if (!has_code()) continue;  // The wait for the send was longer than something else.
      guess();
    }
    return row_.wrong;
  }

 private:
  static constexpr WallTime start{std::chrono::days{1}};

  bool has_code() const { return left_ > 0 && now_ < expires_at_; }

  void wait_for_locks() {
    if (const auto lock = lock_of(row_, now_)) now_ += lock->wait;
    if (limits_.locks_per_phone.count == 0) return;
    const auto recent = std::ranges::count_if(
        locks_, [&](WallTime at) { return at > now_ - limits_.locks_per_phone.window && at <= now_; });
    if (recent >= limits_.locks_per_phone.count) now_ = std::max(now_, locks_.back() + limits_.phone_lock);
  }

  void send() {
    const auto violations = check_rates("", limits_.sends_per_phone, sends_, now_);
    if (!violations.empty()) {
      now_ += violations.front().retry_after;
      return;
    }
    sends_.push_back(now_);
    left_ = otp_.attempts;
    expires_at_ = now_ + otp_.ttl_max;
  }

  void guess() {
    ++row_.wrong;
    row_.last = now_;
    if (--left_ == 0) locks_.push_back(now_);
  }

  const OtpSettings& otp_;
  const LimitSettings& limits_;
  WallTime now_ = start, expires_at_{};
  std::uint32_t left_ = 0;
  GuessRow row_;
  std::vector<WallTime> sends_, locks_;
};

std::string odds(double chance) {
  return chance >= 1 ? "1 in 1" : fmt::format("1 in {}", static_cast<std::uint64_t>(std::floor(1 / chance)));
}

}  // namespace

Seconds wait_after_guesses(std::uint32_t wrong) {
  const auto* step = std::ranges::find_if(steps, [&](const Step& one) { return wrong >= one.wrong; });
  return step == std::end(steps) ? Seconds{0} : step->wait;
}

std::optional<PhoneLock> lock_of(const GuessRow& row, WallTime now) {
  if (row.wrong >= guesses_in_a_row_max) return PhoneLock{guess_help_wait, true};
  // The last one may be of a call that began after this one.
  const Seconds wait = wait_after_guesses(row.wrong);
  const WallTime until = row.last + wait;
  if (wait == Seconds{0} || until <= now) return std::nullopt;
  return PhoneLock{std::chrono::ceil<Seconds>(until - now), false};
}

double GuessBudget::chance(std::uint32_t guesses) const { return std::min(1.0, guesses / std::pow(10.0, digits)); }

GuessBudget guess_budget(const OtpSettings& otp, const LimitSettings& limits) {
  GuessBudget budget;
  budget.in_ten_minutes = Guesser(otp, limits).guesses_within(Seconds{600});
  budget.in_a_day = Guesser(otp, limits).guesses_within(Seconds{86'400});
  budget.digits = std::min(otp.code_length, otp.code_length_min);
  return budget;
}

std::string describe(const GuessBudget& budget) {
  return fmt::format(
      "{} guesses in ten minutes, {} in a day, {} in a row at codes of {} digits: a chance of {} a day, {} in all",
      budget.in_ten_minutes, budget.in_a_day, budget.in_a_row, budget.digits, odds(budget.chance(budget.in_a_day)),
      odds(budget.chance(budget.in_a_row)));
}

std::string guess_key(AppId app, const Fingerprint& phone) {
  return std::string(BigEndian(app).view()).append(as_text(phone));
}

std::string to_record(const GuessRow& row) {
  std::string record;
  OctetWriter out(record);
  out.u8(guesses_format.writes());
  out.varint(row.wrong);
  out.signed_varint(unix_millis(row.last));
  return record;
}

std::optional<GuessRow> guess_row_from_record(std::string_view key, std::string_view record) {
  GuessRow row;
  if (key.size() != sizeof row.app + row.phone.size()) return std::nullopt;
  row.app = from_big_endian<AppId>(key.substr(0, sizeof row.app));
  std::ranges::copy(as_octets(key.substr(sizeof row.app)), row.phone.begin());
  OctetReader in(record);
  if (!guesses_format.can_read(in.u8())) return std::nullopt;
  row.wrong = static_cast<std::uint32_t>(in.varint());
  row.last = wall_time(in.signed_varint());
  if (in.failed() || !in.at_end()) return std::nullopt;
  return row;
}

}  // namespace xion
