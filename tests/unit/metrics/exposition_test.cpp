#include <doctest/doctest.h>

#include "app/codes/send_otp.h"
#include "metrics/exposition.h"
#include "metrics/families.h"
#include "unit/desk.h"

namespace xion {
namespace {

bool has_line(const std::string& text, std::string_view line) {
  const std::string whole = "\n" + text;
  return whole.find("\n" + std::string(line) + "\n") != std::string::npos;
}

std::string scrape(Desk& desk) {
  return metrics_text(desk.gateway.services(), {.version = "1.2.3",
                                                .config_hash = "abc",
                                                .started_at = wall_time(1'500),
                                                .log_lines_dropped = 7,
                                                .api_connections = 2});
}

}  // namespace

TEST_CASE("a scrape tells of the process, every carrier and every bind from the first moment") {
  Desk desk;
  const std::string text = scrape(desk);
  CHECK(has_line(text, R"(xionid_build_info{version="1.2.3",config_hash="abc"} 1)"));
  CHECK(has_line(text, "process_start_time_seconds 1.5"));
  CHECK(has_line(text, "xionid_log_lines_dropped_total 7"));
  CHECK(text.find(R"(xionid_carrier_state{carrier="primary",state="connecting"} )") != std::string::npos);
  CHECK(has_line(text, R"(xionid_carrier_state{carrier="primary",state="bound"} 0)"));
  CHECK(has_line(text, R"(xionid_bind_state{carrier="primary",bind="1",type="transceiver",state="bound"} 0)"));
  CHECK(has_line(text, R"(xionid_bind_window{carrier="primary",bind="1"} 10)"));
  CHECK(has_line(text, R"(xionid_submit_round_trip_seconds_count{carrier="primary",bind="1"} 0)"));
  CHECK(has_line(text, "xionid_store_writable 1"));
  CHECK(has_line(text, "xionid_queue_messages 0"));
}

TEST_CASE("a send that a limit stops is counted with its result and its limit") {
  Desk desk;
  Measures& measures = desk.gateway.services().measures;
  SendOutcome outcome;
  outcome.verdict = SendVerdict::rate_limited;
  outcome.violations = {{"sends_per_phone", 5, Seconds{600}, Seconds{60}}};
  measures.sent(outcome);
  measures.sent(outcome);
  const std::string text = scrape(desk);
  CHECK(has_line(text, R"(xionid_sends_total{result="rate_limited"} 2)"));
  CHECK(has_line(text, R"(xionid_limits_hit_total{limit="sends_per_phone"} 2)"));
}

TEST_CASE("no label breaks the scrape, whatever it holds") {
  metrics::Families families;
  families.gauges("x", "Y").value(1.0, {{"of", "a\"b\\c\nd\u202e\xff"}}).value(2.0, {{"of", std::string(999, 'x')}});
  const std::string text = std::move(families).text();
  CHECK(has_line(text, R"(x{of="a\"b\\c\\nd\\u{202e}\\xff"} 1)"));
  CHECK(text.size() < 400);
}

TEST_CASE("a histogram's buckets are cumulative and end in +Inf") {
  Histogram times(short_times);
  times.observe(0.0001);
  times.observe(0.003);
  times.observe(100);
  metrics::Families families;
  families.histograms("t_seconds", "Times").value(times, {{"of", "us"}});
  const std::string text = std::move(families).text();
  CHECK(has_line(text, R"(t_seconds_bucket{of="us",le="0.0005"} 1)"));
  CHECK(has_line(text, R"(t_seconds_bucket{of="us",le="0.005"} 2)"));
  CHECK(has_line(text, R"(t_seconds_bucket{of="us",le="5"} 2)"));
  CHECK(has_line(text, R"(t_seconds_bucket{of="us",le="+Inf"} 3)"));
  CHECK(has_line(text, R"(t_seconds_count{of="us"} 3)"));
}

TEST_CASE("a value on a bound belongs to it, and a label's quotes are escaped") {
  Histogram times(batch_sizes);
  times.observe(4);
  CHECK(times.count(2) == 1);
  metrics::Families families;
  families.gauges("g", "Help").value(1.0, {{"name", "a\"b\\c"}}).gauges("empty", "Nothing is told of it");
  const std::string text = std::move(families).text();
  CHECK(has_line(text, R"(g{name="a\"b\\c"} 1)"));
  CHECK(text.find("empty") == std::string::npos);
}

}  // namespace xion
