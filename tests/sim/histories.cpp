#include "sim/histories.h"

#include <algorithm>
#include <set>
#include <utility>

namespace xion::sim {
namespace {

/// A search that takes longer than that is a fault of the seed's: too much overlaps.
constexpr std::size_t steps_at_most = 300'000;

/// What customers ask for.
constexpr Seconds shortest_life{30}, longest_life{120};
/// Of two nodes' clocks: what one takes for expired another may still verify.
constexpr Millis clocks_apart{4'200};

/// A request as the calls that were put in order have made it.
struct Request {
  std::string id;  ///< Empty: nobody was told.
  std::string end;
  std::uint32_t sends = 0, remaining = 0;
  WallTime last_send{};  ///< At the earliest.
  WallTime expires_from{}, expires_by{};
  bool is_live() const { return end.empty(); }
  /// By the clock of the fastest node, which writes it down.
  bool may_be_expired(const Happened& call) const {
    return end == "expired" || (is_live() && call.wall_to + clocks_apart >= expires_from);
  }
};

/// What is true of a phone after some of its calls.
struct PhoneState {
  std::vector<Request> requests;  ///< The newest last.
  std::vector<WallTime> sends, locks;

  Request* find(const std::string& id) {
    for (Request& each : requests)
      if (each.id == id) return &each;
    return nullptr;
  }
  std::string text() const {
    std::string all;
    for (const Request& each : requests)
      all += fmt::format("{} {} {} {} {};", each.id, each.end, each.sends, each.remaining,
                         each.last_send.time_since_epoch().count());
    return all;
  }
};

class Search {
 public:
  Search(const std::vector<Happened>& calls, const Settings& settings, bool may_fail, std::size_t& steps)
      : calls_(calls), settings_(settings), may_fail_(may_fail), steps_(steps), is_done_(calls.size(), '0') {}

  bool finds() { return place({}, MonoTime{}, 0); }
  bool is_too_long() const { return is_too_long_; }
  /// The most that could be put in order.
  const std::string& furthest() const { return furthest_; }

 private:
  bool place(const PhoneState& state, MonoTime reached, std::size_t placed);
  std::vector<PhoneState> after(const Happened& call, const PhoneState& state) const;
  void after_send(const Happened& call, PhoneState state, std::vector<PhoneState>& next) const;
  void after_unknown_send(const Happened& call, PhoneState state, std::vector<PhoneState>& next) const;
  void after_verify(const Happened& call, PhoneState state, std::vector<PhoneState>& next) const;
  void after_unknown_end(const Happened& call, const PhoneState& state, std::vector<PhoneState>& next) const;
  bool is_true(const Happened& call, PhoneState& state) const;
  bool reads_true(const Happened& call, PhoneState& state) const;
  bool is_over(const Request* current, const Happened& call) const {
    return current == nullptr || !current->is_live() || current->may_be_expired(call) || may_fail_;
  }
  bool keeps_limits(const Happened& call, const PhoneState& state) const;
  bool keeps_cooldown(const Happened& call, const Request& request) const;
  Request* subject(const Happened& call, PhoneState& state) const;
  void lock(const Happened& call, PhoneState& state, Request& request) const;

  const std::vector<Happened>& calls_;
  const Settings& settings_;
  const bool may_fail_;
  std::size_t& steps_;
  std::size_t steps_here_ = 0;
  bool is_too_long_ = false;
  std::string is_done_, furthest_;
  std::size_t furthest_placed_ = 0;
  std::set<std::string> seen_;
};

bool Search::place(const PhoneState& state, MonoTime reached, std::size_t placed) {
  ++steps_;
  if (++steps_here_ > steps_at_most) return is_too_long_ = true;
  MonoTime least_end = MonoTime::max();
  bool is_over = true;
  for (std::size_t at = 0; at < calls_.size(); ++at) {
    if (is_done_[at] != '0' || calls_[at].effect == Happened::Effect::maybe) continue;
    is_over = false;
    least_end = std::min(least_end, calls_[at].to);
  }
  if (placed >= furthest_placed_) {
    furthest_placed_ = placed;
    furthest_ = is_done_;
  }
  if (is_over) return true;
  if (!seen_.insert(is_done_ + state.text()).second) return false;
  for (const bool maybes : {false, true}) {
    for (std::size_t at = 0; at < calls_.size(); ++at) {
      const Happened& call = calls_[at];
      if (is_done_[at] != '0' || (call.effect == Happened::Effect::maybe) != maybes) continue;
      if (call.from > least_end) break;  // In the order of their questions.
      if (call.to < reached) continue;
      is_done_[at] = '1';
      for (const PhoneState& next : after(call, state))
        if (place(next, std::max(reached, call.from), placed + 1)) return true;
      is_done_[at] = '0';
    }
  }
  return false;
}

std::vector<PhoneState> Search::after(const Happened& call, const PhoneState& state) const {
  std::vector<PhoneState> next;
  const bool is_known = call.effect == Happened::Effect::certain;
  if (call.verb == Verb::send) {
    if (!is_known)
      after_unknown_send(call, state, next);
    else if (call.status == 202)
      after_send(call, state, next);
    else
      next.push_back(state);
    return next;
  }
  if (!is_known) {
    after_unknown_end(call, state, next);
    return next;
  }
  PhoneState same = state;
  if (call.status == 200 || call.code == "invalid_code") {
    if (call.verb == Verb::read) {
      if (reads_true(call, same)) next.push_back(std::move(same));
    } else {
      after_verify(call, std::move(same), next);
    }
  } else if (is_true(call, same)) {
    next.push_back(std::move(same));
  }
  return next;
}

// --- sends ----------------------------------------------------------------------------------------------------------

bool Search::keeps_limits(const Happened& call, const PhoneState& state) const {
  const LimitSettings& limits = settings_.limits;
  const auto within = [&](const std::vector<WallTime>& all, Seconds window) {
    return static_cast<std::uint32_t>(
        std::ranges::count_if(all, [&](WallTime at) { return at > call.wall_to - window; }));
  };
  for (const RateRule& rule : limits.sends_per_phone)
    if (within(state.sends, rule.window) >= rule.count) return false;
  const RateRule& locks = limits.locks_per_phone;
  return locks.count == 0 || within(state.locks, locks.window) < locks.count ||
         state.locks.back() + limits.phone_lock <= call.wall_to;
}

bool Search::keeps_cooldown(const Happened& call, const Request& request) const {
  const auto& cooldown = settings_.limits.cooldown;
  if (cooldown.empty()) return true;
  const std::size_t step = std::min<std::size_t>(request.sends, cooldown.size()) - 1;
  return call.wall_to - request.last_send >= cooldown[step];
}

void Search::after_send(const Happened& call, PhoneState state, std::vector<PhoneState>& next) const {
  if (!keeps_limits(call, state)) return;
  state.sends.push_back(call.wall_from);
  Request* current = state.requests.empty() ? nullptr : &state.requests.back();
  if (!call.is_resend) {
    if (!is_over(current, call) || state.find(call.request_id) != nullptr || call.sends != 1) return;
    if (current != nullptr && current->is_live()) current->end = "expired";
    state.requests.push_back({call.request_id,
                              {},
                              1,
                              call.attempts_remaining.value_or(settings_.otp.attempts),
                              call.wall_from,
                              *call.expires_at,
                              *call.expires_at + Millis{999}});
    return next.push_back(std::move(state));
  }
  if (current == nullptr || !current->is_live() || call.wall_from >= current->expires_by) return;
  if (current->id.empty() && state.find(call.request_id) == nullptr) {
    current->id = call.request_id;
    current->expires_from = *call.expires_at;
    current->expires_by = *call.expires_at + Millis{999};
  }
  if (current->id != call.request_id || *call.expires_at != current->expires_from) return;
  if (call.sends != current->sends + 1 || !keeps_cooldown(call, *current)) return;
  ++current->sends;
  current->last_send = call.wall_from;
  next.push_back(std::move(state));
}

/// It may have begun a request, or sent again what there was.
void Search::after_unknown_send(const Happened& call, PhoneState state, std::vector<PhoneState>& next) const {
  state.sends.push_back(call.wall_from);
  Request* current = state.requests.empty() ? nullptr : &state.requests.back();
  const bool may_live = current != nullptr && current->is_live() && call.wall_from < current->expires_by;
  if (may_live) {
    PhoneState again = state;
    Request& request = again.requests.back();
    ++request.sends;
    request.last_send = call.wall_from;
    next.push_back(std::move(again));
  }
  if (!is_over(current, call)) return;
  if (current != nullptr && current->is_live()) current->end = "expired";
  // Nobody was told until when.
  state.requests.push_back(
      {{}, {}, 1, settings_.otp.attempts, call.wall_from, call.wall_from + shortest_life, call.wall_to + longest_life});
  next.push_back(std::move(state));
}

// --- what ends a request --------------------------------------------------------------------------------------------

/// A request that nobody was told of is named by the first who is.
Request* Search::subject(const Happened& call, PhoneState& state) const {
  if (state.requests.empty()) return nullptr;
  if (call.request_id.empty()) return &state.requests.back();
  if (Request* named = state.find(call.request_id)) return named;
  Request* unnamed = state.find({});
  if (unnamed != nullptr) unnamed->id = call.request_id;
  return unnamed;
}

void Search::lock(const Happened& call, PhoneState& state, Request& request) const {
  request.end = "locked";
  state.locks.push_back(call.wall_from);
}

void Search::after_verify(const Happened& call, PhoneState state, std::vector<PhoneState>& next) const {
  Request* request = subject(call, state);
  if (request == nullptr || !request->is_live() || call.wall_from >= request->expires_by) return;
  if (call.status == 200) {
    request->end = call.verb == Verb::cancel ? "canceled" : "verified";
  } else {
    if (!call.attempts_remaining || *call.attempts_remaining + 1 != request->remaining) return;
    if (--request->remaining == 0) lock(call, state, *request);
  }
  next.push_back(std::move(state));
}

void Search::after_unknown_end(const Happened& call, const PhoneState& state, std::vector<PhoneState>& next) const {
  PhoneState ended = state;
  Request* request = subject(call, ended);
  if (request == nullptr || !request->is_live() || call.wall_from >= request->expires_by) return;
  PhoneState wrong = ended;
  request->end = call.verb == Verb::cancel ? "canceled" : "verified";
  next.push_back(std::move(ended));
  if (call.verb == Verb::cancel) return;
  Request& failed = *subject(call, wrong);
  if (--failed.remaining == 0) lock(call, wrong, failed);
  next.push_back(std::move(wrong));
}

/// Every refusal has to be true at its moment.
bool Search::is_true(const Happened& call, PhoneState& state) const {
  Request* request = subject(call, state);
  if (call.code == "code_used") return request != nullptr && request->end == "verified";
  if (call.code == "code_canceled") return request != nullptr && request->end == "canceled";
  if (call.code == "code_locked") return request != nullptr && request->end == "locked";
  if (call.code == "code_expired") return request != nullptr && request->may_be_expired(call);
  if (call.code == "no_active_code") return request == nullptr || may_fail_;
  return call.verb != Verb::read || request == nullptr || call.status != 404;
}

bool Search::reads_true(const Happened& call, PhoneState& state) const {
  const Request* request = subject(call, state);
  if (request == nullptr) return false;
  if (call.end == "pending") return request->is_live();
  if (call.end == "expired") return request->may_be_expired(call);
  if (call.end == "failed") return may_fail_;
  return request->end == call.end;
}

std::string told(const Happened& call, char is_done) {
  return fmt::format("\n  {} {}…{} {} {} {} {} {}{}{}{}", is_done == '0' ? "-" : "+",
                     call.from.time_since_epoch().count(), call.to.time_since_epoch().count(), to_string(call.verb),
                     call.effect == Happened::Effect::maybe ? "maybe" : "told", call.status, call.code, call.request_id,
                     call.end.empty() ? "" : " " + call.end,
                     call.is_resend ? fmt::format(" resend, the {}.", call.sends) : "",
                     call.attempts_remaining ? fmt::format(" {} left", *call.attempts_remaining) : "");
}

}  // namespace

void Histories::check(const std::function<bool(const std::string& phone)>& may_fail) {
  for (auto& [phone, calls] : phones_) {
    std::ranges::stable_sort(calls, {}, &Happened::from);
    Search search(calls, settings_, may_fail(phone), steps_);
    const bool is_found = search.finds();
    if (is_found && !search.is_too_long()) continue;
    std::string all;
    for (std::size_t at = 0; at < calls.size(); ++at) all += told(calls[at], search.furthest()[at]);
    chronicle_.broken(search.is_too_long() ? "the search for an order ends" : "a phone's calls have an order",
                      "{}: what could be put in order has a +{}", phone, all);
  }
}

}  // namespace xion::sim
