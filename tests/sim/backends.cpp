#include "sim/backends.h"

#include <utility>

#include "sim/sms.h"

namespace xion::sim {
namespace {

constexpr int tries = 6;

bool is_try_again(const Told& told) { return !told || told->status == 503 || told->status == 409; }

/// The member that says it.
std::string names_address(Ask& ask, const std::string& user_ip) {
  ask.user_ip = user_ip;
  return fmt::format(R"(,"userIp":"{}")", user_ip);
}

}  // namespace

void Backends::add_user(std::string phone, std::size_t app) {
  auto user = std::make_unique<User>();
  user->phone = std::move(phone);
  user->app = app;
  user->purpose = entropy_.pick({"default", "login", "payment.confirm"});
  user->user_ip = fmt::format("203.0.113.{}", entropy_.below(8));
  by_phone_.emplace(user->phone, user.get());
  users_.push_back(std::move(user));
}

const std::string& Backends::key_of(const std::string& app) const {
  for (const AppKey& each : apps_) {
    if (each.name == app) return each.api_key;
  }
  return apps_.front().api_key;
}

void Backends::run_until(MonoTime end) {
  end_ = end;
  for (auto& user : users_) {
    agenda_.after(entropy_.between(Millis{0}, habits.pause_max), Agenda::world, [this, &user = *user] { begin(user); });
  }
}

/// Only while the same login goes on.
void Backends::after(User& user, Millis wait, std::move_only_function<void()> work) {
  agenda_.after(wait, Agenda::world, [&user, round = user.round, work = std::move(work)]() mutable {
    if (user.round == round) work();
  });
}

void Backends::begin(User& user) {
  if (agenda_.now() >= end_) return;
  ++user.round;
  user.plan = static_cast<Plan>(entropy_.below(static_cast<std::uint64_t>(Plan::count_)));
  if (entropy_.chance(0.3)) user.plan = Plan::right;
  user.has_acted = false;
  user.request_id.clear();
  send(user, false);
  after(user, entropy_.between(Millis{60'000}, Millis{150'000}), [this, &user] { finish(user); });
}

void Backends::finish(User& user) {
  ++user.round;
  agenda_.after(entropy_.between(habits.pause_min, habits.pause_max), Agenda::world, [this, &user] { begin(user); });
}

Ask Backends::question(User& user, Verb verb) {
  Ask ask;
  ask.number = ++last_ask_;
  ask.app = apps_[user.app].name;
  ask.api_key = apps_[user.app].api_key;
  ask.verb = verb;
  ask.phone = user.phone;
  if (verb != Verb::read && entropy_.chance(habits.idempotent))
    ask.idempotency_key = fmt::format("key-{}", ++last_key_);
  return ask;
}

void Backends::ask(Ask ask, int tries_left, std::move_only_function<void(const Told&)> done) {
  Ask again = ask;
  call_(std::move(ask), [this, again = std::move(again), tries_left, done = std::move(done)](const Told& told) mutable {
    if (!is_try_again(told) || tries_left == 0) return done(told);
    again.number = ++last_ask_;
    agenda_.after(entropy_.between(Millis{200}, Millis{3'000}), Agenda::world,
                  [this, again = std::move(again), tries_left, done = std::move(done)]() mutable {
                    this->ask(std::move(again), tries_left - 1, std::move(done));
                  });
  });
}

// --- send -----------------------------------------------------------------------------------------------------------

void Backends::send(User& user, bool is_resend) {
  Ask ask = question(user, Verb::send);
  ask.path = "/v1/otp/send";
  ask.rotates = is_resend && entropy_.chance(habits.rotates);
  std::string more;
  if (entropy_.chance(habits.with_user_ip)) more += names_address(ask, user.user_ip);
  if (ask.rotates) more += R"(,"resend":"rotate")";
  // What can't change under one code is said once, as a rule.
  if (!is_resend) more += fmt::format(R"(,"ttlSeconds":{})", entropy_.pick({30, 30, 45, 60, 90, 120}));
  if (!is_resend && entropy_.chance(0.1)) more += R"(,"appHash":"FA+9qCX9VSu")";
  if (!is_resend && entropy_.chance(0.1)) more += R"(,"webOrigin":"login.example.com")";
  if (entropy_.chance(0.1)) more += R"(,"reference":"order 17","metadata":{"shop":"north"})";
  ask.body = fmt::format(R"({{"phone":"{}","channel":"sms","purpose":"{}","codeLength":{}{}}})", user.phone,
                         user.purpose, habits.code_length, more);
  this->ask(std::move(ask), tries, [this, &user, round = user.round](const Told& told) { on_sent(user, round, told); });
}

void Backends::on_sent(User& user, std::uint64_t round, const Told& told) {
  if (user.round != round || !told) return;
  if (told->status == 202) user.request_id = member_of(told->body, "requestId").value_or("");
  maybe_act(user);
  if (entropy_.chance(0.4)) {
    after(user, entropy_.between(Millis{5'000}, Millis{40'000}), [this, &user] {
      if (!user.has_acted) send(user, true);
    });
  }
  if (entropy_.chance(0.2))
    after(user, entropy_.between(Millis{500}, Millis{9'000}), [this, &user] { read(user, entropy_.chance(0.3)); });
}

void Backends::on_sms(const std::string& phone, const std::string& text) {
  const auto code = code_in(text);
  if (!code) return chronicle_.broken("every message has its code", "{}: {}", phone, text);
  const auto users = by_phone_.equal_range(phone);
  if (users.first == users.second) return;  // a scenario's own
  chronicle_.note("handset {} shows {}", phone, *code);
  // Somebody who is known to several apps reads which of them a code is for.
  User* reader = nullptr;
  for (auto each = users.first; each != users.second; ++each)
    if (text.find(apps_[each->second->app].name) != std::string::npos) reader = each->second;
  if (reader == nullptr) return chronicle_.broken("a text names its app", "{}: {}", phone, text);
  reader->code = *code;
  reader->sms_at = agenda_.now();
  maybe_act(*reader);
}

// --- what users do with a code
// ------------------------------------------------------------------------------------------

void Backends::maybe_act(User& user) {
  if (user.has_acted || user.request_id.empty() || user.code.empty()) return;
  user.has_acted = true;
  const bool is_slow = user.plan == Plan::late;
  after(user, is_slow ? entropy_.between(Millis{25'000}, Millis{60'000}) : entropy_.between(Millis{500}, Millis{7'000}),
        [this, &user] { act(user); });
}

void Backends::act(User& user) {
  switch (user.plan) {
    case Plan::right:
    case Plan::late:
      return verify(user, user.code, [this, &user] {
        if (entropy_.chance(0.3)) verify(user, user.code);  // a page that is reloaded
      });
    case Plan::wrong_then_right: return verify(user, wrong(user.code), [this, &user] { verify(user, user.code); });
    case Plan::only_wrong:
      for (int i = 0; i < 7; ++i) after(user, Millis{i * 400}, [this, &user] { verify(user, wrong(user.code)); });
      return after(user, Millis{4'000}, [this, &user] { verify(user, user.code); });
    case Plan::twice: verify(user, user.code); return verify(user, user.code);
    case Plan::cancel:
      if (entropy_.chance(0.3)) verify(user, user.code);
      cancel(user);
      return after(user, entropy_.between(Millis{0}, Millis{2'000}), [this, &user] { verify(user, user.code); });
    case Plan::nothing:
    case Plan::count_: return;
  }
}

void Backends::verify(User& user, const std::string& code, std::move_only_function<void()> then) {
  Ask ask = question(user, Verb::verify);
  ask.path = "/v1/otp/verify";
  ask.code = code;
  std::string more;
  if (entropy_.chance(0.3)) ask.request_id = user.request_id;
  if (!ask.request_id.empty()) more += fmt::format(R"(,"requestId":"{}")", ask.request_id);
  if (entropy_.chance(habits.with_user_ip)) more += names_address(ask, user.user_ip);
  if (entropy_.chance(0.05)) {
    ask.is_foreign = true;
    ask.app = apps_[(user.app + 1) % apps_.size()].name;
    ask.api_key = key_of(ask.app);
  }
  ask.body = fmt::format(R"({{"phone":"{}","purpose":"{}","code":"{}"{}}})", user.phone, user.purpose, code, more);
  this->ask(std::move(ask), tries, [then = std::move(then)](const Told&) mutable {
    if (then) then();
  });
}

/// One digit off, so that it is wrong for sure.
std::string Backends::wrong(const std::string& code) {
  std::string other = code;
  char& digit = other[entropy_.below(other.size())];
  digit = static_cast<char>('0' + (digit - '0' + 1 + static_cast<int>(entropy_.below(9))) % 10);
  return other;
}

void Backends::cancel(User& user) {
  Ask ask = question(user, Verb::cancel);
  ask.request_id = user.request_id;
  ask.path = fmt::format("/v1/otp/{}/cancel", user.request_id);
  this->ask(std::move(ask), tries, [](const Told&) {});
}

void Backends::read(User& user, bool as_foreigner) {
  if (user.request_id.empty()) return;
  Ask ask = question(user, Verb::read);
  ask.request_id = user.request_id;
  ask.path = "/v1/otp/" + user.request_id;
  if (as_foreigner) {
    ask.is_foreign = true;
    ask.app = apps_[(user.app + 1) % apps_.size()].name;
    ask.api_key = key_of(ask.app);
  }
  this->ask(std::move(ask), tries, [](const Told&) {});
}

}  // namespace xion::sim
