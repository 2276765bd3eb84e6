#include <doctest/doctest.h>

#include "core/owners/list_entry.h"
#include "core/owners/send_rights.h"

using namespace xion;

namespace {

Phone phone_in(std::string country, NumberType type = NumberType::mobile) {
  return {.e164 = "+37499123456", .country = std::move(country), .country_code = "374", .type = type, .is_valid = true};
}

ListEntry about(ListSubject subject, std::string value) {
  ListEntry entry;
  entry.subject = subject;
  entry.value = std::move(value);
  return entry;
}

}  // namespace

TEST_CASE("an app without lists may send everywhere") {
  CHECK(check_rights({}, phone_in("AM")) == RightsVerdict::allowed);
}

TEST_CASE("a denied country wins over an allowed one, and others than the allowed are refused") {
  SendRights rights;
  rights.countries_allowed = {"AM", "GE"};
  rights.countries_denied = {"GE"};
  CHECK(check_rights(rights, phone_in("AM")) == RightsVerdict::allowed);
  CHECK(check_rights(rights, phone_in("GE")) == RightsVerdict::country_not_allowed);
  CHECK(check_rights(rights, phone_in("FR")) == RightsVerdict::country_not_allowed);
  CHECK(check_rights(rights, phone_in("")) == RightsVerdict::country_not_allowed);
}

TEST_CASE("a monitored country is sent to, and told of") {
  SendRights rights;
  rights.countries_monitored = {"GE"};
  CHECK(check_rights(rights, phone_in("GE")) == RightsVerdict::monitored);
  CHECK(check_rights(rights, phone_in("AM")) == RightsVerdict::allowed);
}

TEST_CASE("a number of another type is refused, one of unknown type is not where none is asked for") {
  SendRights rights;
  rights.number_types = {"mobile"};
  CHECK(check_rights(rights, phone_in("US", NumberType::fixed_line_or_mobile)) == RightsVerdict::allowed);
  CHECK(check_rights(rights, phone_in("AM", NumberType::fixed_line)) == RightsVerdict::number_type_not_allowed);
  CHECK(check_rights(rights, phone_in("AM", NumberType::premium_rate)) == RightsVerdict::number_type_not_allowed);
  CHECK(check_rights({}, phone_in("AM", NumberType::unknown)) == RightsVerdict::allowed);
}

TEST_CASE("where types are named a number of unknown type goes only to a country that is named") {
  SendRights rights;
  rights.number_types = {"mobile"};
  CHECK(check_rights(rights, phone_in("AM", NumberType::unknown)) == RightsVerdict::number_type_not_allowed);
  rights.countries_allowed = {"AM"};
  CHECK(check_rights(rights, phone_in("AM", NumberType::unknown)) == RightsVerdict::allowed);
  rights.countries_allowed.clear();
  rights.number_types = {"mobile", "unknown"};
  CHECK(check_rights(rights, phone_in("AM", NumberType::unknown)) == RightsVerdict::allowed);
}

TEST_CASE("numbers that cost are refused unless the app names their type, or a route is for them") {
  struct Row {
    std::string country;
    NumberType type;
    bool is_costly;
    std::string_view named;
    std::string_view route_for_it, route_beside;
  };
  const Row rows[] = {
      {"AM", NumberType::mobile, false, "mobile", "+374", "+374"},
      {"AM", NumberType::toll_free, false, "toll_free", "+374", "+374"},
      {"AM", NumberType::premium_rate, true, "premium_rate", "+37490", "+374"},
      {"AM", NumberType::other, true, "other", "+37490", "+374"},
      {"", NumberType::mobile, true, "no_country", "+374", "+3"},
      {"", NumberType::unknown, true, "no_country", "+374", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.country);
    CAPTURE(to_string(row.type));
    const Phone phone = phone_in(row.country, row.type);
    CHECK(is_costly(phone) == row.is_costly);
    const auto verdict = row.is_costly ? RightsVerdict::number_type_not_allowed : RightsVerdict::allowed;
    CHECK(check_rights({}, phone) == verdict);
    CHECK(check_rights({}, phone, row.route_beside) == verdict);
    CHECK(check_rights({}, phone, row.route_for_it) == RightsVerdict::allowed);
    SendRights rights;
    rights.number_types = {std::string(row.named)};
    CHECK(check_rights(rights, phone) == RightsVerdict::allowed);
  }
}

TEST_CASE("a threshold is reached from the first message on that makes it true") {
  std::vector<std::uint64_t> at;
  for (std::uint64_t used = 1; used <= 1100; ++used) {
    if (threshold_reached(1000, used) != threshold_reached(1000, used - 1)) at.push_back(used);
  }
  CHECK(at == std::vector<std::uint64_t>{800, 900, 1000});
  CHECK(threshold_reached(1000, 850) == 80);
  CHECK(threshold_reached(1000, 2000) == 100);
  CHECK(threshold_reached(1, 0) == 0);
  CHECK(threshold_reached(1, 1) == 100);
  CHECK(threshold_reached(0, 5) == 0);
}

TEST_CASE("the narrower of two entries wins, and of equal ones the block") {
  const auto country = about(ListSubject::country, "AM");
  const auto wide = about(ListSubject::prefix, "+374"), narrow = about(ListSubject::prefix, "+37499");
  const auto phone = about(ListSubject::phone, "+374•••••456");
  CHECK(is_blocked(country, std::nullopt));
  CHECK_FALSE(is_blocked(std::nullopt, country));
  CHECK_FALSE(is_blocked(country, wide));
  CHECK_FALSE(is_blocked(wide, narrow));
  CHECK(is_blocked(narrow, wide));
  CHECK(is_blocked(narrow, narrow));
  CHECK(is_blocked(phone, phone));
  CHECK_FALSE(is_blocked(narrow, phone));
}

TEST_CASE("an entry reads back as it was written, and a cut one doesn't") {
  ListEntry entry = about(ListSubject::phone, "+374•••••456");
  entry.app = 300;
  entry.reason = "asked for it";
  entry.expires_at = WallTime{Millis{99}};
  const std::string record = to_record(entry);
  const auto read = list_entry_from_record(record);
  REQUIRE(read.has_value());
  CHECK(to_record(*read) == record);
  for (std::size_t length = 0; length < record.size(); ++length)
    CHECK_FALSE(list_entry_from_record(record.substr(0, length)));
}
