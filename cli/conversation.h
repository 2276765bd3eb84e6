#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "cli/probe.h"
#include "smpp/framer.h"
#include "smpp/pdu.h"

namespace xion::cli {

/// SMPP as a test speaks it: one question at a time. What the peer asks meanwhile is answered. Deliveries are given
/// back with ESME_RMSGQFUL, after which carriers send them again: they belong to the live binds.
class Conversation {
 public:
  explicit Conversation(ProbeLine& line) : line_(line) {}

  struct Answer {
    smpp::Pdu pdu;
    Millis took{0};
  };
  /// Errors: why no answer came.
  std::expected<Answer, std::string> ask(smpp::Body body);
  /// Reads until a delivery is what `is_awaited` says, and acknowledges that one.
  std::optional<smpp::DeliverSm> await(const std::function<bool(const smpp::DeliverSm&)>& is_awaited);
  /// Deliveries that were given back.
  std::uint32_t given_back() const { return given_back_; }

 private:
  std::expected<smpp::Pdu, std::string> next();
  void answer(std::uint32_t sequence, std::uint32_t status, smpp::Body body);
  /// Whether it was a question of the peer's; answered then.
  bool serve(const smpp::Pdu& pdu, const std::function<bool(const smpp::DeliverSm&)>& is_awaited,
             std::optional<smpp::DeliverSm>& awaited);

  ProbeLine& line_;
  smpp::Framer framer_;
  std::uint32_t sequence_ = 0;
  std::uint32_t given_back_ = 0;
};

}  // namespace xion::cli
