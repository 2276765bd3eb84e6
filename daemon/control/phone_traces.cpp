#include "control/phone_traces.h"

#include <fmt/format.h>

#include <utility>

#include "app/codes/read_otp.h"
#include "base/log.h"
#include "base/log_line.h"
#include "base/visible.h"
#include "control/phone_filter.h"

namespace xion::control {
namespace {

constexpr std::size_t traces_limit = 16;
/// Requests of one phone that are followed; of more the oldest are let go.
constexpr std::size_t requests_limit = 64;

std::string mark_of(std::string_view masked) {
  std::string mark = "traced=";
  append_log_value(mark, masked);
  return mark;
}

}  // namespace

PhoneTraces::~PhoneTraces() { log::set_traced({}); }

std::vector<PhoneTraces::View> PhoneTraces::view() const {
  std::vector<View> all;
  for (const auto& [e164, trace] : traces_) all.push_back({trace->masked, trace->until, trace->requests.size()});
  return all;
}

bool PhoneTraces::start(const Phone& phone, Seconds span) {
  const bool is_new = !traces_.contains(phone.e164);
  if (is_new && traces_.size() == traces_limit) return false;
  TraceRef& trace = traces_[phone.e164];
  if (is_new) {
    trace = std::make_shared<Trace>();
    trace->masked = mask_phone(phone.e164, phone.country_code);
    trace->timer = services_.loop.timer([this, e164 = phone.e164] { stop(e164); });
    mark_lines();
    find_requests(phone.e164, trace);
    tap(phone.e164, trace);
  }
  trace->until = services_.loop.wall_now() + span;
  trace->timer->start(span);
  log::info("trace.started", "traced={} for_s={}", trace->masked, span.count());
  return true;
}

bool PhoneTraces::stop(const std::string& e164) {
  const auto found = traces_.find(e164);
  if (found == traces_.end()) return false;
  log::info("trace.ended", "traced={}", found->second->masked);
  // It may be its own timer that calls.
  services_.loop.post([trace = std::move(found->second)] {});
  traces_.erase(found);
  mark_lines();
  return true;
}

void PhoneTraces::follow_carriers() {
  ++taps_;
  for (const auto& [e164, trace] : traces_) tap(e164, trace);
}

/// Those there are, and those that will be.
void PhoneTraces::find_requests(const std::string& e164, const TraceRef& trace) {
  const std::weak_ptr<Trace> weak = trace;
  services_.phone_watch.add(e164, [this, weak](const OtpId& request) {
    const TraceRef alive = weak.lock();
    if (alive) add(alive, to_string(request));
    return alive != nullptr;
  });
  list_otps(services_, {.app = {}, .phone = e164, .before = {}, .limit = requests_limit},
            [this, weak](std::vector<OtpView> found, bool) {
              const TraceRef alive = weak.lock();
              if (!alive) return;
              for (auto view = found.rbegin(); view != found.rend(); ++view) add(alive, to_string(view->otp.id));
            });
}

void PhoneTraces::add(const TraceRef& trace, std::string request) {
  if (std::ranges::find(trace->requests, request) != trace->requests.end()) return;
  if (trace->requests.size() == requests_limit) trace->requests.pop_front();
  trace->requests.push_back(std::move(request));
  mark_lines();
}

void PhoneTraces::tap(const std::string& e164, const TraceRef& trace) {
  for (const CarrierView& view : services_.carriers->view()) {
    services_.carriers->trace(view.name, [this, weak = std::weak_ptr(trace), name = view.name,
                                          filter = PhoneFilter(e164), mine = taps_](const TracedPdu& traced) mutable {
      const TraceRef alive = weak.lock();
      if (!alive || mine != taps_) return false;
      // At level debug every PDU is logged anyway.
      if (!filter.shows(traced) || !traced.pdu || log::level() == log::Level::debug) return true;
      const std::string head = log::line("smsc.pdu", "smsc={} bind={} traced={} {}", name, traced.bind, alive->masked,
                                         traced.is_sent ? "sent" : "received");
      log::write(log::Level::debug, head + " " + smpp::describe(*traced.pdu));
      return true;
    });
  }
}

void PhoneTraces::mark_lines() const {
  std::vector<std::string> marks;
  for (const auto& [e164, trace] : traces_) {
    marks.push_back(mark_of(trace->masked));
    for (const std::string& request : trace->requests) marks.push_back("request=" + request);
  }
  log::set_traced(std::move(marks));
}

}  // namespace xion::control
