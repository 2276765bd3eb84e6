#pragma once
#include <functional>
#include <string>

#include "sim/simulated_world.h"
#include "sim/sms.h"

namespace xion::sim {

inline constexpr auto phone = "+37499123056";

inline CarrierSettings carrier_named(const std::string& name) {
  CarrierSettings carrier;
  carrier.name = name;
  carrier.addresses = {name + ".example:2775"};
  carrier.system_id = "xion";
  carrier.password = Secret("secret");
  carrier.sender = "Xion";
  carrier.response_timeout = Millis{3'000};
  carrier.enquire_link = Millis{5'000};
  carrier.enquire_link_timeout = Millis{2'000};
  carrier.reconnect_min = Millis{500};
  return carrier;
}

/// Two carriers, of which "first" is preferred; what it leaves open goes by "second" after two seconds.
inline Settings two_carriers() {
  Settings settings;
  settings.carriers = {carrier_named("first"), carrier_named("second")};
  RouteSettings route;
  route.name = "default";
  route.carriers = {{"first"}, {"second"}};
  route.failover_after = Seconds{2};
  settings.routes = {route};
  settings.plans["custom"] = {"custom", 0, 0};
  settings.guard.mode = GuardMode::record;
  return settings;
}

/// A world where nothing goes wrong but what the scenario does, and the auditor looks on.
class Stage : public World {
 public:
  explicit Stage(Settings settings = two_carriers()) : World(std::move(settings), 1, false) {
    add_app("shop", "custom");
  }

  /// Starts, and waits until every carrier is bound.
  void begin() {
    start();
    run_for(Millis{2'000});
  }
  bool wait_for(const std::function<bool()>& holds, Millis limit = Millis{20'000}) {
    for (Millis waited{0}; waited < limit && !holds(); waited += Millis{10}) run_for(Millis{10});
    return holds();
  }
  /// Sends, and gives the request id.
  std::string send(const std::string& more = {}) {
    const Told told = call_and_wait(ask_to_send(phone, more));
    return told && told->status == 202 ? member_of(told->body, "requestId").value_or("") : "";
  }
  int verify(const std::string& code) {
    const Told told = call_and_wait(ask_to_verify(phone, code));
    return told ? told->status : 0;
  }
  std::string read(const std::string& request_id) {
    const Told told = call_and_wait(ask_to_read(request_id));
    return told ? told->body : "";
  }
  bool has_text() { return !texts_of(phone).empty(); }
  /// On the handset, the newest.
  std::string code() { return has_text() ? code_in(texts_of(phone).back()).value_or("") : ""; }
  std::string delivery(const std::string& request_id) {
    const std::string body = read(request_id);
    return member_of(body.substr(std::min(body.find("\"delivery\":"), body.size())), "status").value_or("");
  }
  bool has_logged(std::string_view event) const {
    for (const std::string& line : log()) {
      if (line.starts_with(event)) return true;
    }
    return false;
  }
};

}  // namespace xion::sim
