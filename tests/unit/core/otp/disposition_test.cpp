#include "core/otp/disposition.h"

#include <doctest/doctest.h>

#include <vector>

using namespace xion;

TEST_CASE("each status has the disposition of the table") {
  using enum Disposition;
  struct Row {
    Disposition expected;
    std::vector<std::uint32_t> statuses;
  };
  const Row rows[] = {
      {accepted, {0}},
      {slow_down, {0x58}},
      {queue_full, {0x14}},
      {elsewhere, {0x08, 0x64, 0x45, 0xFE, 0xFF}},
      {session_broken, {0x04}},
      {refused_number, {0x0A, 0x0B, 0x15, 0x48, 0x49, 0x50, 0x51, 0x65, 0x66}},
      {our_mistake, {0x01, 0x02, 0x03, 0x06, 0x07, 0x43, 0x54, 0x61, 0x62, 0x63, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4}},
  };
  for (const auto& row : rows) {
    for (const auto status : row.statuses) {
      CAPTURE(status);
      CHECK(to_string(disposition_of(status)) == to_string(row.expected));
    }
  }
}

TEST_CASE("a status that nobody knows sends the message elsewhere") {
  for (const std::uint32_t status :
       {0x09U, 0x16U, 0x47U, 0x52U, 0x60U, 0x67U, 0xBFU, 0xC5U, 0xFDU, 0x100U, 0x400U, 0x55FU, 0xFFFFFFFFU}) {
    CAPTURE(status);
    CHECK(disposition_of(status) == Disposition::elsewhere);
  }
}

TEST_CASE("a carrier may give a status a meaning of its own") {
  const std::map<std::uint32_t, Disposition> own{{0x55F, Disposition::slow_down}, {0x0B, Disposition::elsewhere}};
  CHECK(disposition_of(0x55F, own) == Disposition::slow_down);
  CHECK(disposition_of(0x0B, own) == Disposition::elsewhere);
  CHECK(disposition_of(0x58, own) == Disposition::slow_down);
}

TEST_CASE("no carrier can make an accepted message count as refused") {
  CHECK(disposition_of(0, {{0, Disposition::elsewhere}}) == Disposition::accepted);
}

TEST_CASE("wrong credentials are not hammered, other refused binds back off") {
  for (const std::uint32_t status : {0x0EU, 0x0FU, 0x53U})
    CHECK(bind_disposition_of(status) == BindDisposition::slow_retry_and_alarm);
  for (const std::uint32_t status : {0x05U, 0x08U, 0x0DU, 0x14U, 0x55FU})
    CHECK(bind_disposition_of(status) == BindDisposition::back_off);
}
