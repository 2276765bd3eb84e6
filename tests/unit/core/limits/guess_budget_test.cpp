#include "core/limits/guess_budget.h"

#include <doctest/doctest.h>

using namespace xion;

namespace {

constexpr WallTime noon{std::chrono::days{20'000} + std::chrono::hours{12}};

GuessRow row_of(std::uint32_t wrong) { return {1, {7}, wrong, noon}; }

}  // namespace

TEST_CASE("each wrong code in a row costs a longer wait, and from the hundredth on no wait helps") {
  struct Row {
    std::uint32_t wrong;
    Seconds wait;
  };
  for (const Row& row :
       {Row{0, Seconds{0}}, Row{14, Seconds{0}}, Row{15, Seconds{60}}, Row{20, Seconds{300}}, Row{30, Seconds{900}},
        Row{40, Seconds{3600}}, Row{60, Seconds{14'400}}, Row{80, Seconds{86'400}}, Row{99, Seconds{86'400}}}) {
    CAPTURE(row.wrong);
    CHECK(wait_after_guesses(row.wrong) == row.wait);
    const auto lock = lock_of(row_of(row.wrong), noon);
    CHECK(lock.has_value() == (row.wait > Seconds{0}));
    if (lock) CHECK(*lock == PhoneLock{row.wait, false});
    CHECK_FALSE(lock_of(row_of(row.wrong), noon + row.wait));
  }
  CHECK(lock_of(row_of(15), noon + Millis{59'001})->wait == Seconds{1});
  for (const std::uint32_t wrong : {100U, 5000U})
    CHECK(lock_of(row_of(wrong), noon + std::chrono::days{10'000}) == PhoneLock{guess_help_wait, true});
}

TEST_CASE("the budget is what the fastest guesser gets by the rules, and says its chance") {
  const GuessBudget usual = guess_budget({}, {});
  CHECK(usual.in_ten_minutes == 15);  // Three requests, whose locks lock the phone.
  CHECK(usual.in_a_day == 31);        // Ten sends a day, whose codes are over before the waits are.
  CHECK(usual.in_a_row == 100);
  CHECK(usual.digits == 6);
  CHECK(usual.chance(usual.in_a_day) == doctest::Approx(0.000031));
  CHECK(describe(usual) ==
        "15 guesses in ten minutes, 31 in a day, 100 in a row at codes of 6 digits: a chance of 1 in 32258 a day, "
        "1 in 10000 in all");
}

TEST_CASE("looser rules give more guesses, and never more than a hundred in a row") {
  OtpSettings otp;
  LimitSettings limits;
  otp.code_length_min = 4;
  limits.locks_per_phone = {};
  CHECK(guess_budget(otp, limits).in_ten_minutes == 20);  // Four requests, the last of them by the minute.
  CHECK(guess_budget(otp, limits).digits == 4);
  otp.attempts = 10;
  limits.sends_per_phone.clear();
  const GuessBudget loosest = guess_budget(otp, limits);
  CHECK(loosest.in_ten_minutes == 20);
  CHECK(loosest.in_a_day > 50);
  CHECK(loosest.in_a_day < 70);
  otp.attempts = 1;
  limits.sends_per_phone = {{1, Seconds{86'400}}};
  CHECK(guess_budget(otp, limits).in_a_day == 1);
}

TEST_CASE("a row of guesses is read back as it was written, and no other octets are one") {
  const GuessRow row = row_of(42);
  const std::string key = guess_key(row.app, row.phone), record = to_record(row);
  CHECK(guess_row_from_record(key, record) == row);
  for (std::size_t size = 0; size < record.size(); ++size)
    CHECK_FALSE(guess_row_from_record(key, record.substr(0, size)));
  CHECK_FALSE(guess_row_from_record(key, record + "x"));
  CHECK_FALSE(guess_row_from_record(key.substr(1), record));
}
