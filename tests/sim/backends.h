#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/chronicle.h"
#include "sim/seeded.h"
#include "sim/simulated_exchange.h"

namespace xion::sim {

/// Hands a question to the network. `done` is called once, later: with the answer, or nothing where the connection
/// broke.
using Call = std::function<void(Ask, std::move_only_function<void(const Told&)> done)>;

struct BackendHabits {
  std::uint8_t code_length = 6;
  Millis pause_min{2'000}, pause_max{25'000};  ///< Between a user's logins.
  double idempotent = 0.6;                     ///< Of calls that carry an Idempotency-Key.
  double with_user_ip = 0.4;
  double rotates = 0.2;  ///< Of resends.
};

/// Customers' backends and their users: who logs in, types codes right and wrong, twice, late, gives up, clicks again,
/// and repeats calls whose answer got lost.
class Backends {
 public:
  Backends(Agenda& agenda, Chronicle& chronicle, Seeded entropy, Call call)
      : agenda_(agenda), chronicle_(chronicle), entropy_(entropy), call_(std::move(call)) {}

  BackendHabits habits;
  void add_app(std::string name, std::string api_key) { apps_.push_back({std::move(name), std::move(api_key)}); }
  void add_user(std::string phone, std::size_t app);
  /// Users begin logins until then.
  void run_until(MonoTime end);
  void on_sms(const std::string& phone, const std::string& text);
  const std::string& key_of(const std::string& app) const;

 private:
  /// What a user does once the code is there.
  enum class Plan : std::uint8_t { right, wrong_then_right, only_wrong, twice, cancel, late, nothing, count_ };
  struct AppKey {
    std::string name, api_key;
  };
  struct User {
    std::string phone;
    std::size_t app = 0;
    std::string purpose;
    Plan plan = Plan::right;
    std::uint64_t round = 0;  ///< Of logins; what belongs to an earlier one is over.
    std::string request_id;
    std::string code;  ///< The newest on the handset.
    MonoTime sms_at{};
    bool has_acted = false;
    std::string user_ip;
  };

  void begin(User& user);
  void finish(User& user);
  void send(User& user, bool is_resend);
  void on_sent(User& user, std::uint64_t round, const Told& told);
  void maybe_act(User& user);
  void act(User& user);
  void verify(User& user, const std::string& code, std::move_only_function<void()> then = {});
  void cancel(User& user);
  void read(User& user, bool as_foreigner);
  /// Asks, and asks again while the connection breaks or the server says "later".
  void ask(Ask ask, int tries_left, std::move_only_function<void(const Told&)> done);
  Ask question(User& user, Verb verb);
  std::string wrong(const std::string& code);
  void after(User& user, Millis wait, std::move_only_function<void()> work);

  Agenda& agenda_;
  Chronicle& chronicle_;
  Seeded entropy_;
  Call call_;
  std::vector<AppKey> apps_;
  std::vector<std::unique_ptr<User>> users_;
  std::multimap<std::string, User*> by_phone_;
  MonoTime end_{};
  std::uint64_t last_ask_ = 0;
  std::uint64_t last_key_ = 0;
};

}  // namespace xion::sim
