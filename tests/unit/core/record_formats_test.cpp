#include "core/record_formats.h"

#include <doctest/doctest.h>

#include <string>

#include "core/otp/otp_record.h"
#include "core/owners/app.h"
#include "core/owners/webhook.h"
#include "core/texts/message_template.h"

using namespace xion;

TEST_CASE("a format is read one release before it is written") {
  constexpr RecordFormat raised{"raised", 2, 1};
  static_assert(raised.writes() == 1);
  static_assert(raised.can_read(1) && raised.can_read(2) && !raised.can_read(3) && !raised.can_read(0));
  constexpr RecordFormat a_release_later{"raised", 2, 2};
  static_assert(a_release_later.writes() == 2);
  CHECK(raised.writes() <= raised.read_before);
}

TEST_CASE("records begin with the format that is written, and one of a format that is not read yet reads as nothing") {
  const auto check = [](std::string record, const RecordFormat& format, const auto& read) {
    CAPTURE(format.record);
    REQUIRE(record.front() == static_cast<char>(format.writes()));
    CHECK(read(record).has_value());
    record.front() = static_cast<char>(format.reads + 1);
    CHECK_FALSE(read(record).has_value());
  };
  check(to_record(App{}), app_format, [](std::string_view record) { return app_from_record(record); });
  check(to_record(ApiKey{}), api_key_format, [](std::string_view record) { return api_key_from_record(record); });
  check(to_record(MessageTemplate{}), template_format,
        [](std::string_view record) { return template_from_record(record); });
  check(to_record(Webhook{}), webhook_format,
        [](std::string_view record) { return webhook_from_record("wh", record); });
  Otp otp;
  otp.code_length = 6;
  check(to_record(otp), otp_format, [&](std::string_view record) { return from_record(otp.id, record); });
}

TEST_CASE("formats in a line: each record's by its place, of which one may be beyond a reader") {
  CHECK(record_formats().front() == &otp_format);
  CHECK(formats_read().size() == record_formats().size());
  CHECK(out_of_reach(formats_written(), formats_read()).empty());

  FormatLine later = formats_written();
  later.at(1) = 7;
  CHECK(out_of_reach(later, formats_read()) == "app records of format 7, of which it reads 1");
  CHECK(out_of_reach(formats_written(), later).empty());
  CHECK(newest_of(later, formats_written()) == later);
  CHECK(newest_of(formats_written(), later) == later);
}

TEST_CASE("releases that have more records, or tell of fewer, can be compared all the same") {
  const FormatLine more = formats_written() + '\x09';
  CHECK(out_of_reach(more, formats_read()).empty());
  CHECK(out_of_reach(more, "").empty());
  CHECK(out_of_reach("", formats_read()).empty());
  CHECK(newest_of(formats_written(), more) == more);
  CHECK(newest_of(more, "") == more);
}
