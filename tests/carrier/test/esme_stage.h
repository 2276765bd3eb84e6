#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "carrier/admin.h"
#include "carrier/server.h"
#include "smpp/receipt.h"
#include "smpp/session.h"

namespace xion::carrier {

/// What an ESME saw, in order.
struct Sight {
  enum class Kind { bound, refused, answer, late, lost, message, closed } kind;
  std::uint32_t status = 0;
  std::string id{};  ///< of an answer
  bool is_nack = false;
  smpp::DeliverSm sm{};  ///< of a message
};

/// An ESME on a real socket, stepped by hand.
class Esme {
 public:
  explicit Esme(const std::string& address,
                smpp::EsmeSettings settings = {.system_id = "xion", .password = Secret("secret")});
  ~Esme();
  Esme(const Esme&) = delete;
  Esme& operator=(const Esme&) = delete;

  void step();
  void submit(const std::string& to, const std::string& text, std::uint8_t registered_delivery = 1);
  void submit(const smpp::SubmitSm& sm);
  void unbind();
  void hang_up();

  std::size_t count(Sight::Kind kind) const {
    return static_cast<std::size_t>(std::ranges::count(sights, kind, &Sight::kind));
  }
  const Sight& first(Sight::Kind kind) const { return *std::ranges::find(sights, kind, &Sight::kind); }
  bool is_bound() const { return session.state() == smpp::SessionState::bound; }

  smpp::EsmeSession session;
  std::vector<Sight> sights;
  std::vector<std::string> reads;    ///< each as the kernel gave it
  std::uint32_t receipt_answer = 0;  ///< what deliver_sm is answered
  bool is_mute = false;              ///< leaves deliver_sm unanswered
  bool was_reset = false;

 private:
  void act();
  int fd_;
  bool is_open_ = true;
  smpp::Token next_token_ = 1;
  smpp::Actions actions_;
};

/// A simulator in the same thread: nothing happens but in `until` and `turn`.
class Stage {
 public:
  explicit Stage(CarrierSettings settings = {}, SslContext tls = {});
  Esme& esme(smpp::EsmeSettings settings = {.system_id = "xion", .password = Secret("secret")});
  /// Connects and waits for the bind to be answered.
  Esme& bound_esme(smpp::BindType type = smpp::BindType::transceiver);
  void turn();
  /// Turns until it is true; false after three minutes, which only a hang takes.
  bool until(const std::function<bool()>& is_true);
  /// Turns for so long, to see that something does not happen.
  void turn_for(Millis duration);
  void fault(std::string_view text);
  /// Asks over the admin socket.
  std::vector<std::string> ask(const std::string& line);

  Handle<event_base> base;
  Carrier carrier;
  Server server;
  Admin admin;
  std::vector<std::unique_ptr<Esme>> esmes;
};

inline const smpp::Receipt receipt_in(const Sight& sight) {
  return smpp::parse_receipt(sight.sm).value_or(smpp::Receipt{});
}

}  // namespace xion::carrier
