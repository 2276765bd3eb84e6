#include "sim/ledger.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

namespace xion::sim {
namespace {

using End = RequestTold::End;

std::optional<std::uint32_t> number_of(std::string_view json, std::string_view name) {
  const auto text = member_of(json, name);
  std::uint32_t number = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc{})
    return std::nullopt;
  return number;
}

std::optional<WallTime> time_of(std::string_view json, std::string_view name) {
  const auto text = member_of(json, name);
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!text || std::sscanf(text->c_str(), "%d-%u-%uT%u:%u:%u", &year, &month, &day, &hour, &minute, &second) != 6)
    return std::nullopt;
  const std::chrono::sys_days date{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)};
  return date + std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
}

std::string key_of(const Ask& ask) { return ask.app + " " + ask.path + " " + ask.idempotency_key; }

/// Says nothing of the request.
bool is_try_again(int status) { return status == 409 || status == 429 || status == 503; }
/// Promises nothing: the same call may be answered otherwise later.
bool is_for_now(int status) { return is_try_again(status) || status == 402 || status == 423; }

std::string_view name_of(End end) {
  switch (end) {
    case End::none: return "pending";
    case End::verified: return "verified";
    case End::canceled: return "canceled";
    case End::locked: return "locked";
  }
  return "";
}

}  // namespace

const RequestTold* Ledger::request(const std::string& id) const {
  const auto found = requests_.find(id);
  return found == requests_.end() ? nullptr : &found->second;
}

WallTime Ledger::wall(MonoTime at) const { return agenda_.wall_now() - (agenda_.now() - at); }

void Ledger::asked(const Ask& ask) {
  waiting_.emplace(ask.number, agenda_.now());
  if (!ask.idempotency_key.empty()) {
    ++running_keys_[key_of(ask)];
    of_keys_.try_emplace(key_of(ask), OfKey{agenda_.now(), {}, ask.phone});
  }
  if (ask.verb != Verb::send) return;
  PhoneTold& phone = phones_[ask.phone];
  phone.app = ask.app;
  ++phone.sends_under_way;
}

void Ledger::told(const Ask& ask, const Told& told, WallTime answered) {
  const auto waiting = waiting_.extract(ask.number);
  if (waiting.empty()) return chronicle_.broken("every call has one answer", "call {} was answered twice", ask.number);
  const MonoTime asked = waiting.mapped();
  if (ask.verb == Verb::send) --phones_[ask.phone].sends_under_way;
  const bool key_runs = !ask.idempotency_key.empty() && running_keys_[key_of(ask)]-- > 1;
  if (!told) return is_of_many_ ? told_of_many(ask, told, asked, answered) : cut(ask, asked);
  check_form(ask, *told);
  const std::string code = member_of(told->body, "code").value_or("");
  if (told->status == 409) {
    if (!key_runs)
      chronicle_.broken("409 is said only while a call with the same key runs", "call {}: {}", ask.number, told->body);
    return;
  }
  if (!is_new(ask, *told) || code == "idempotency_key_reused") return;
  if (ask.is_foreign) return told_foreign(ask, *told);
  if (is_of_many_) return told_of_many(ask, told, asked, answered);
  switch (ask.verb) {
    case Verb::send: return told_send(ask, *told, asked);
    case Verb::verify: return told_verify(ask, *told, asked);
    case Verb::cancel: return told_cancel(ask, *told, asked);
    case Verb::read: return told_read(ask, *told);
  }
}

/// What every answer has, whatever it says.
void Ledger::check_form(const Ask& ask, const HttpAnswer& answer) {
  const auto wrong = [&](std::string_view what) {
    chronicle_.broken("every answer has the form of the contract", "call {} ({}): {}: {} {}", ask.number,
                      to_string(ask.verb), what, answer.status, answer.body);
  };
  const bool is_success = answer.status >= 200 && answer.status < 300;
  if (answer.status == 500) wrong("an internal error");
  if (member_of(answer.body, "ok") != (is_success ? "true" : "false")) wrong("ok is not what the status says");
  if (!header_of(answer, "X-Request-Id")) wrong("no X-Request-Id");
  const bool wants_wait = answer.status == 429 || answer.status == 423 || answer.status == 503;
  if (wants_wait && !header_of(answer, "Retry-After")) wrong("no Retry-After");
  if (!is_success && !member_of(answer.body, "code")) wrong("no code");
  if (is_success && !member_of(answer.body, "status")) wrong("no status");
  const bool store_failed = member_of(answer.body, "code") == "store_unavailable";
  if (store_failed && agenda_.now() > store_fails_until_) wrong("the store is well");
}

bool Ledger::is_new(const Ask& ask, const HttpAnswer& answer) {
  if (ask.idempotency_key.empty() || is_for_now(answer.status)) return true;
  const bool is_replay = header_of(answer, "Idempotency-Replayed").has_value();
  const auto [first, is_first] =
      first_answers_.try_emplace(key_of(ask), FirstAnswer{ask.body, answer.status, answer.body, is_replay});
  if (is_first) return true;
  const auto wrong = [&](std::string_view what) {
    chronicle_.broken("the same Idempotency-Key gives the same answer", "call {}: {}: {} {} was {} {}", ask.number,
                      what, answer.status, answer.body, first->second.status, first->second.body);
  };
  if (first->second.body_asked != ask.body) {
    if (member_of(answer.body, "code") != "idempotency_key_reused") wrong("another body was taken");
    return false;
  }
  if (first->second.status != answer.status || first->second.body != answer.body) wrong("another answer");
  // Of several nodes one may tell the replay before another tells the answer itself.
  const bool may_be_original = is_of_many_ && std::exchange(first->second.is_replay, false);
  if (!is_replay && !may_be_original) wrong("not marked as a replay");
  return false;
}

void Ledger::cut(const Ask& ask, MonoTime asked) {
  if (ask.is_foreign) return;
  PhoneTold& phone = phones_[ask.phone];
  if (ask.verb == Verb::send) {
    if (!phone.cut_send_since) phone.cut_send_since = asked;
    ++phone.cut_sends;
    if (RequestTold* request = subject_of(ask)) {
      ++request->maybe_sends;
      request->is_rotated |= ask.rotates;
    }
    return;
  }
  RequestTold* request = subject_of(ask);
  if (request == nullptr || ask.verb == Verb::read) return;
  request->maybe_ended = true;
  if (ask.verb == Verb::verify) ++request->maybe_failed;
}

/// Which request a call is about, as far as customers can know.
RequestTold* Ledger::subject_of(const Ask& ask) {
  const std::string& id = ask.request_id.empty() ? phones_[ask.phone].current : ask.request_id;
  const auto found = requests_.find(id);
  return found == requests_.end() ? nullptr : &found->second;
}

// --- send -----------------------------------------------------------------------------------------------------------

void Ledger::told_send(const Ask& ask, const HttpAnswer& answer, MonoTime asked) {
  if (answer.status == 202) return told_accepted(ask, answer, asked);
  // A user who begins anew may find an old request alive.
  if (member_of(answer.body, "code") == "live_request_differs" && phones_.contains(ask.phone)) return;
  if (answer.status != 402 && answer.status != 423 && answer.status != 429 && answer.status != 503) {
    chronicle_.broken("a well-formed send is accepted or told to wait", "call {}: {} {}", ask.number, answer.status,
                      answer.body);
  }
}

void Ledger::told_accepted(const Ask& ask, const HttpAnswer& answer, MonoTime asked) {
  ++accepted_;
  PhoneTold& phone = phones_[ask.phone];
  const std::string id = member_of(answer.body, "requestId").value_or("");
  const bool is_resend = member_of(answer.body, "resend") == "true";
  // A replay tells of an earlier call, which a crash cut: nobody knows of when.
  const bool is_of_now = !header_of(answer, "Idempotency-Replayed");
  const bool is_of_before = is_resend || !is_of_now;  // It began with a send that was cut, if nobody was told of it.
  const auto expires_at = time_of(answer.body, "expiresAt");
  const std::uint32_t sends = number_of(answer.body, "sends").value_or(0);
  if (id.empty() || !expires_at || sends == 0)
    return chronicle_.broken("a 202 tells the request", "call {}: {}", ask.number, answer.body);

  const auto before = requests_.find(phone.current);
  const bool lives = before != requests_.end() && before->second.end == End::none && !before->second.maybe_ended &&
                     wall(asked) < before->second.expires_from;
  if (lives && before->first != id) {
    chronicle_.broken("a number has one live request", "call {}: {} while {} lives", ask.number, id, before->first);
  }
  const auto [at, is_unheard] = requests_.try_emplace(id);
  RequestTold& request = at->second;
  if (is_unheard) {
    request.id = id;
    request.app = ask.app;
    request.phone = ask.phone;
    request.asked = is_of_before && phone.cut_send_since ? std::min(*phone.cut_send_since, asked) : asked;
    request.maybe_sends = phone.cut_sends;
    request.is_rotated = phone.cut_sends > 0;
    request.expires_from =
        is_of_before ? *expires_at : wall(asked) + Seconds{number_of(answer.body, "ttlSeconds").value_or(0)};
    request.expires_by = is_of_before ? *expires_at + Millis{999} : request.expires_from;
    request.attempts_remaining = number_of(answer.body, "attemptsRemaining");
    if (is_resend && phone.cut_sends == 0)
      chronicle_.broken("a resend has a request", "call {}: {} was never told", ask.number, id);
  } else {
    if (!is_resend) chronicle_.broken("request ids are unique", "call {}: {} again", ask.number, id);
    if (request.end != End::none)
      chronicle_.broken("what has ended is not sent again", "call {}: {} is {}", ask.number, id, name_of(request.end));
    if (wall(asked) >= request.expires_by)
      chronicle_.broken("what has expired is not sent again", "call {}: {}", ask.number, id);
    if (std::chrono::floor<Seconds>(request.expires_by) != *expires_at)
      chronicle_.broken("no resend moves the expiry", "call {}: {}", ask.number, answer.body);
  }
  if (phone.refused_by.size() >= 2) request.maybe_ended = true;
  ++request.sends;
  if (sends < request.sends || sends > request.sends + request.maybe_sends) {
    chronicle_.broken("each send is kept once", "call {}: {} told {} sends, {} maybe: {}", ask.number, id,
                      request.sends, request.maybe_sends, answer.body);
  }
  if (is_resend && ask.rotates) {
    request.is_rotated = true;
    for (const auto& code : phone.codes) {
      if (code.written < asked) phone.dead_codes.insert(code.digits);
    }
  }
  check_limits(ask, request, asked);
  if (is_of_now) check_lock(ask, asked);
  if (is_of_now && !is_resend && !ask.user_ip.empty()) check_address(ask, asked);
  request.last_send_asked = asked;
  phone.current = id;
  phone.sends.push_back(asked);
  phone.cut_send_since.reset();
  phone.cut_sends = 0;
}

/// Limits hold across crashes, since they are told from what is kept.
void Ledger::check_limits(const Ask& ask, const RequestTold& request, MonoTime asked) {
  const auto& limits = settings_.limits;
  if (request.sends > 1 && !limits.cooldown.empty()) {
    const auto step = std::min<std::size_t>(request.sends - 1, limits.cooldown.size()) - 1;
    const auto rested = asked - request.last_send_asked;
    // Sends that nobody was told of make the wait longer, never shorter.
    if (rested < *std::ranges::min_element(limits.cooldown) ||
        (request.maybe_sends == 0 && rested < limits.cooldown[step])) {
      chronicle_.broken("a resend waits for the cooldown", "call {}: {} rested {} ms", ask.number, request.id,
                        rested.count());
    }
  }
  for (const RateRule& rule : limits.sends_per_phone) {
    const auto count =
        std::ranges::count_if(phones_[ask.phone].sends, [&](MonoTime at) { return at > asked - rule.window; });
    if (count >= rule.count)
      chronicle_.broken("a number's sends are limited", "call {}: {} within {} s", ask.number, count + 1,
                        rule.window.count());
  }
  check_volume(ask);
}

void Ledger::check_volume(const Ask& ask) {
  const std::uint64_t included = included_[ask.app];
  if (++sends_of_app_[ask.app] > included && included > 0)
    chronicle_.broken("a plan's volume is kept", "call {}: more than {}", ask.number, included);
}

void Ledger::check_lock(const Ask& ask, MonoTime asked) {
  const auto& limits = settings_.limits;
  const auto& locks = phones_[ask.phone].locks;
  const auto recent =
      std::ranges::count_if(locks, [&](MonoTime at) { return at > asked - limits.locks_per_phone.window; });
  if (limits.locks_per_phone.count == 0 || recent < limits.locks_per_phone.count) return;
  if (std::ranges::max(locks) + limits.phone_lock > asked)
    chronicle_.broken("a number that is locked is sent nothing", "call {}: {} locks within {} s", ask.number, recent,
                      limits.locks_per_phone.window.count());
}

/// Only new requests are counted, since what a resend counts for is the address that its request came from.
void Ledger::check_address(const Ask& ask, MonoTime asked) {
  const auto& limits = settings_.limits;
  auto& sends = addresses_[ask.app + " " + ask.user_ip].sends;
  for (const RateRule& rule : limits.sends_per_user_ip) {
    const auto count = std::ranges::count_if(sends, [&](const auto& each) { return each.first > asked - rule.window; });
    if (rule.count > 0 && count >= rule.count)
      chronicle_.broken("an address's sends are limited", "call {}: {} of {} within {} s", ask.number, count + 1,
                        ask.user_ip, rule.window.count());
  }
  std::set<std::string> others;
  for (const auto& [at, phone] : sends) {
    if (phone != ask.phone && at > asked - limits.phones_per_user_ip.window) others.insert(phone);
  }
  if (limits.phones_per_user_ip.count > 0 && others.size() >= limits.phones_per_user_ip.count)
    chronicle_.broken("an address's phones are limited", "call {}: {} of {} within {} s", ask.number, others.size() + 1,
                      ask.user_ip, limits.phones_per_user_ip.window.count());
  sends.emplace_back(asked, ask.phone);
}

// --- verify ---------------------------------------------------------------------------------------------------------

/// Of everything that was looked at: right or wrong.
void Ledger::check_failures(const Ask& ask, const std::string& code, MonoTime asked) {
  const RateRule& rule = settings_.limits.failed_verifies_per_user_ip;
  auto& failures = addresses_[ask.app + " " + ask.user_ip].failures;
  const auto count = std::ranges::count_if(failures, [&](MonoTime at) { return at > asked - rule.window; });
  if (rule.count > 0 && count >= rule.count)
    chronicle_.broken("an address's guesses are limited", "call {}: {} of {} within {} s", ask.number, count + 1,
                      ask.user_ip, rule.window.count());
  if (!code.empty()) failures.push_back(asked);
}

bool Ledger::was_written(const PhoneTold& phone, const RequestTold& request, const std::string& code) const {
  return std::ranges::any_of(phone.codes,
                             [&](const auto& each) { return each.digits == code && each.written >= request.asked; });
}

void Ledger::told_verify(const Ask& ask, const HttpAnswer& answer, MonoTime asked) {
  const std::string code = member_of(answer.body, "code").value_or("");
  ++phones_[ask.phone].tries;
  const bool is_looked_at = !is_try_again(answer.status) && !header_of(answer, "Idempotency-Replayed");
  if (is_looked_at && !ask.user_ip.empty()) check_failures(ask, code, asked);
  if (answer.status == 200) return told_verified(ask, answer, asked);
  if (code == "invalid_code") return told_wrong(ask, answer, asked);
  if (!is_try_again(answer.status)) told_refusal(ask, answer, code);
}

void Ledger::told_verified(const Ask& ask, const HttpAnswer& answer, MonoTime asked) {
  ++verified_;
  const auto wrong = [&](std::string_view invariant, std::string_view what) {
    chronicle_.broken(invariant, "call {}: {} ({})", ask.number, what,
                      header_of(answer, "Location").value_or("no Location"));
  };
  const auto location = header_of(answer, "Location").value_or("");
  const std::string id(location.substr(std::min(location.size(), std::string_view("/v1/otp/").size())));
  PhoneTold& phone = phones_[ask.phone];
  auto found = requests_.find(id);
  if (found == requests_.end()) {
    // A send that a crash cut: its code arrived all the same.
    if (!phone.cut_send_since || id.empty())
      return wrong("only a code that was sent verifies", "no such request was told");
    found = requests_.try_emplace(id).first;
    RequestTold& unheard = found->second;
    unheard.id = id;
    unheard.app = ask.app;
    unheard.phone = ask.phone;
    unheard.asked = *phone.cut_send_since;
    unheard.expires_by = wall(asked) + std::chrono::hours{1};
    unheard.maybe_sends = phone.cut_sends;
    unheard.last_send_asked = asked;
    phone.current = id;
  }
  RequestTold& request = found->second;
  if (request.phone != ask.phone || request.app != ask.app)
    wrong("a code verifies its own request only", "another phone or app");
  if (request.end == End::verified) wrong("no code verifies twice", "verified before");
  if (request.end == End::canceled) wrong("no code verifies after a cancel", "canceled before");
  if (request.end == End::locked) wrong("no code verifies after a lock", "locked before");
  if (wall(asked) >= request.expires_by) wrong("no code verifies after its expiry", "expired");
  if (PhoneTold::is_telling(ask.code) && !was_written(phone, request, ask.code))
    wrong("only a code that was sent verifies", "this one never was");
  if (phone.is_dead(ask.code)) wrong("a replaced code verifies nothing", "rotated");
  end(request, End::verified);
}

void Ledger::told_wrong(const Ask& ask, const HttpAnswer& answer, MonoTime asked) {
  RequestTold* request = subject_of(ask);
  const PhoneTold& phone = phones_[ask.phone];
  if (request == nullptr) return;  // Of a send that a crash cut.
  const auto wrong = [&](std::string_view invariant, std::string_view what) {
    chronicle_.broken(invariant, "call {} ({}): {}: {}", ask.number, request->id, what, answer.body);
  };
  if (member_of(answer.body, "requestId") != request->id) {
    if (!phone.cut_send_since) wrong("a verify is about the live request", "another");
    return;
  }
  const std::uint32_t remaining = number_of(answer.body, "attemptsRemaining").value_or(0);
  // A replay tells of an earlier guess, whose own answer a crash cut: what came since says nothing against it.
  if (header_of(answer, "Idempotency-Replayed")) {
    request->attempts_remaining = std::min(request->attempts_remaining.value_or(remaining), remaining);
    return;
  }
  if (request->end != End::none) wrong("a request that ended counts no attempts", name_of(request->end));
  if (wall(asked) >= request->expires_by) wrong("a request that expired counts no attempts", "expired");
  if (request->attempts_remaining && remaining >= *request->attempts_remaining)
    wrong("every failed attempt is counted", "no fewer remain");
  if (!request->is_rotated && !phone.cut_send_since && was_written(phone, *request, ask.code))
    wrong("the code that was sent is the right one", "refused");
  request->attempts_remaining = remaining;
  if (++request->failed > settings_.otp.attempts) wrong("guesses are limited", "too many");
  if (remaining > 0) return;
  end(*request, End::locked);
  if (!header_of(answer, "Idempotency-Replayed")) phones_[ask.phone].locks.push_back(asked);
}

/// Every refusal has to be true.
/// By locked requests, or by fifteen wrong codes in a row, of which some may have been answered to nobody.
bool Ledger::may_be_locked(const PhoneTold& phone) const {
  constexpr std::uint32_t tries_that_lock = 15;
  return (settings_.limits.locks_per_phone.count > 0 && !phone.locks.empty()) || phone.tries >= tries_that_lock;
}

void Ledger::told_refusal(const Ask& ask, const HttpAnswer& answer, const std::string& code) {
  const RequestTold* request = subject_of(ask);
  const bool is_uncertain = request == nullptr || request->maybe_ended || phones_[ask.phone].cut_send_since;
  if (is_uncertain) return;
  // By the time of the answer: its code may have died while the call was on its way.
  const bool is_over = agenda_.wall_now() >= request->expires_from;
  const bool is_true = (code == "code_used" && request->end == End::verified) ||
                       (code == "code_canceled" && request->end == End::canceled) ||
                       (code == "code_locked" && request->end == End::locked) || (code == "code_expired" && is_over) ||
                       (code == "phone_locked" && may_be_locked(phones_[ask.phone]));
  if (!is_true) {
    chronicle_.broken("a refusal is true", "call {}: {} is {}{}, but: {} {}", ask.number, request->id,
                      name_of(request->end), is_over ? ", expired" : "", answer.status, answer.body);
  }
}

// --- cancel, read ---------------------------------------------------------------------------------------------------

void Ledger::told_cancel(const Ask& ask, const HttpAnswer& answer, MonoTime asked) {
  RequestTold* request = subject_of(ask);
  if (request == nullptr || is_try_again(answer.status)) return;
  if (answer.status != 200) return told_refusal(ask, answer, member_of(answer.body, "code").value_or(""));
  if (request->end != End::none)
    chronicle_.broken("only what lives is canceled", "call {}: {} is {}", ask.number, request->id,
                      name_of(request->end));
  if (wall(asked) >= request->expires_by)
    chronicle_.broken("only what lives is canceled", "call {}: {} expired", ask.number, request->id);
  end(*request, End::canceled);
}

void Ledger::told_read(const Ask& ask, const HttpAnswer& answer) {
  const RequestTold* request = subject_of(ask);
  if (request == nullptr || is_try_again(answer.status)) return;
  const std::string status = member_of(answer.body, "status").value_or("");
  const auto wrong = [&](std::string_view what) {
    chronicle_.broken("what was told stays true", "call {}: {}, told {}: {} {}", ask.number, what,
                      name_of(request->end), answer.status, answer.body);
  };
  if (answer.status != 200) return wrong("a request that was told is gone");
  if (member_of(answer.body, "requestId") != request->id) return wrong("another request");
  if (request->end != End::none && status != name_of(request->end)) return wrong("another end");
  if (request->end == End::none && !request->maybe_ended) {
    const bool may_be_over = agenda_.wall_now() >= request->expires_from;
    if (status != "pending" && !(status == "expired" && may_be_over)) wrong("it has not ended");
  }
  if (status == "pending" && agenda_.wall_now() > request->expires_by + Seconds{30}) wrong("it has expired");
}

void Ledger::told_foreign(const Ask& ask, const HttpAnswer& answer) {
  if (answer.status == 404 || is_try_again(answer.status)) return;
  chronicle_.broken("no app sees another's requests", "call {} of {}: {} {}", ask.number, ask.app, answer.status,
                    answer.body);
}

// --- several nodes --------------------------------------------------------------------------------------------------

namespace {

/// After nobody was told: so long it may still be kept. A connection that is given up is known to be so by then.
constexpr Millis may_be_kept_for{5'000};
/// No node's clock is further from the truth.
constexpr Millis clocks_differ{2'100};

Happened happened_of(const Ask& ask, const HttpAnswer& answer) {
  Happened happened{.verb = ask.verb, .status = answer.status};
  const bool is_well = answer.status >= 200 && answer.status < 300;
  happened.code = is_well ? "" : member_of(answer.body, "code").value_or("");
  happened.request_id = member_of(answer.body, "requestId").value_or(ask.request_id);
  if (ask.verb == Verb::verify && answer.status == 200) {
    const std::string_view location = header_of(answer, "Location").value_or("");
    happened.request_id = location.substr(std::min(location.size(), std::string_view("/v1/otp/").size()));
  }
  if (ask.verb == Verb::read) happened.end = member_of(answer.body, "status").value_or("");
  happened.is_resend = member_of(answer.body, "resend") == "true";
  happened.sends = number_of(answer.body, "sends").value_or(0);
  happened.attempts_remaining = number_of(answer.body, "attemptsRemaining");
  happened.expires_at = time_of(answer.body, "expiresAt");
  return happened;
}

}  // namespace

void Ledger::told_of_many(const Ask& ask, const Told& told, MonoTime asked, WallTime answered) {
  if (ask.is_foreign) return;
  const bool is_known = told && told->status != 503;
  const std::string key = ask.idempotency_key.empty() ? "" : key_of(ask);
  Happened happened = told ? happened_of(ask, *told) : Happened{.verb = ask.verb, .request_id = ask.request_id};
  happened.from = asked;
  happened.to = agenda_.now();
  happened.wall_from = ask.arrived;
  happened.wall_to = answered;
  if (!is_known) {
    if (ask.verb == Verb::read) return;
    if (ask.verb == Verb::send && !phones_[ask.phone].cut_send_since) phones_[ask.phone].cut_send_since = asked;
    happened.effect = Happened::Effect::maybe;
    happened.to += may_be_kept_for;
    happened.wall_to += may_be_kept_for;
    happened.request_id = ask.request_id;
    PhoneTold& phone = phones_[ask.phone];
    if (ask.verb == Verb::send) ++phone.cut_sends;
    if (ask.verb == Verb::verify) ++phone.cut_verifies;
    if (!key.empty()) return of_keys_[key].unknown.push_back(happened);
    return histories_.add(ask.phone, std::move(happened));
  }
  if (!key.empty() && !is_for_now(told->status)) of_keys_[key].is_told = true;
  if (header_of(*told, "Idempotency-Replayed")) {  // Of another call under its key, done by whatever node.
    happened.from = of_keys_[key].first_asked;
    happened.wall_from = wall(happened.from) - clocks_differ;
    happened.wall_to = agenda_.wall_now() + clocks_differ;
  }
  note_of_many(ask, *told, happened, asked);
  if (!is_try_again(told->status)) histories_.add(ask.phone, std::move(happened));
}

/// What needs no order.
void Ledger::note_of_many(const Ask& ask, const HttpAnswer& answer, const Happened& happened, MonoTime asked) {
  PhoneTold& phone = phones_[ask.phone];
  if (ask.verb == Verb::send && answer.status == 202) {
    ++accepted_;
    check_volume(ask);
    if (happened.request_id.empty() || !happened.expires_at || happened.sends == 0)
      return chronicle_.broken("a 202 tells the request", "call {}: {}", ask.number, answer.body);
    RequestTold& request = requests_[happened.request_id];
    if (request.sends == 0) request = {.id = happened.request_id, .app = ask.app, .phone = ask.phone};
    if (request.sends++ == 0) request.asked = happened.from;
    request.expires_from = *happened.expires_at;
    request.expires_by = *happened.expires_at + Millis{999};
    request.is_rotated |= happened.is_resend && ask.rotates;
    phone.current = request.id;
    phone.sends.push_back(asked);
  } else if (ask.verb == Verb::send) {
    told_send(ask, answer, asked);
  }
  const auto request = requests_.find(happened.request_id);
  if (request == requests_.end()) return;
  if (ask.verb == Verb::verify && answer.status == 200) {
    ++verified_;
    request->second.end = End::verified;
    if (request->second.phone != ask.phone || request->second.app != ask.app)
      chronicle_.broken("a code verifies its own request only", "call {}: {}", ask.number, happened.request_id);
    const bool was_on_a_wire = std::ranges::count(phone.codes, ask.code, &PhoneTold::Code::digits) > 0;
    if (PhoneTold::is_telling(ask.code) && !was_on_a_wire)
      chronicle_.broken("only a code that was sent verifies", "call {}: {}", ask.number, ask.code);
  }
  if (ask.verb == Verb::cancel && answer.status == 200) request->second.end = End::canceled;
  if (happened.code != "invalid_code") return;
  ++request->second.failed;
  if (happened.attempts_remaining == 0U) request->second.end = End::locked;
}

void Ledger::settle_unknown() {
  if (!is_of_many_) return;
  for (auto& [key, calls] : of_keys_) {
    if (calls.is_told || calls.unknown.empty()) continue;
    Happened one = calls.unknown.front();
    for (const Happened& each : calls.unknown) {
      one.to = std::max(one.to, each.to);
      one.wall_from = std::min(one.wall_from, each.wall_from);
      one.wall_to = std::max(one.wall_to, each.wall_to);
    }
    histories_.add(calls.phone, std::move(one));
  }
  of_keys_.clear();
  for (auto& [id, request] : requests_) {
    request.maybe_sends = phones_[request.phone].cut_sends;
    request.maybe_failed = phones_[request.phone].cut_verifies;
  }
}

void Ledger::check_order() {
  histories_.check([this](const std::string& phone) { return phones_[phone].refused_by.size() >= 2; });
}

void Ledger::no_such_number(const std::string& e164, const std::string& carrier) {
  PhoneTold& phone = phones_[e164];
  phone.refused_by.insert(carrier);
  const auto current = requests_.find(phone.current);
  if (phone.refused_by.size() >= 2 && current != requests_.end()) current->second.maybe_ended = true;
}

void Ledger::end(RequestTold& request, RequestTold::End how) {
  request.end = how;
  PhoneTold& phone = phones_[request.phone];
  for (const auto& code : phone.codes) {
    if (code.written >= request.asked) phone.dead_codes.insert(code.digits);
  }
}

}  // namespace xion::sim
