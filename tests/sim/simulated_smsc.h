#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carrier/simulated_carrier.h"
#include "core/settings.h"
#include "sim/chronicle.h"
#include "sim/simulated_network.h"
#include "sim/sms.h"

namespace xion::sim {

/// The carrier of `tests/carrier` on the simulated network: takes binds, answers submits, brings texts to handsets, and
/// tells of it until it is acknowledged. It outlives every crash of the process.
class SimulatedSmsc final : public carrier::Onlooker {
 public:
  using HandsetGets = std::function<void(const std::string& phone, const std::string& text)>;
  /// Which id a receipt is about, as the response spelt it.
  using ReceiptSent = std::function<void(const std::string& carrier, const std::string& spelt, const std::string& id)>;

  /// `counts_binds`: it refuses those beyond what it allows the account.
  SimulatedSmsc(Agenda& agenda, Network& network, std::uint64_t seed, Chronicle& chronicle,
                const CarrierSettings& settings, bool counts_binds = false);
  ~SimulatedSmsc() override;

  HandsetGets handset_gets;
  ReceiptSent receipt_sent;

  carrier::Faults& faults() { return smsc_.faults(); }
  carrier::Script& script() { return smsc_.script(); }
  /// Short ones, such as 1, 2, 3, are one message's id and in another base another's.
  void count_ids_from(std::uint64_t number) { smsc_.count_ids_from(number); }
  /// `throttle=10%`, as `xionid-carrier --fault` has it.
  void fault(std::string_view text);
  /// The next submits are answered so.
  void refuse(std::uint32_t status, int times = 1);
  /// Each submit is answered, or each message is at its phone, after this time.
  void answers_in(Millis latency);
  void delivers_in(Millis delay);
  /// No fault is on, but that receipts spell ids as they did.
  void heal();

  /// Drops every connection with RST.
  void disconnect();
  std::size_t bound() const { return smsc_.stats().binds; }
  std::size_t taken() const { return smsc_.stats().accepted; }
  /// Receipts that nobody has acknowledged yet.
  std::size_t receipts_waiting() const { return smsc_.stats().receipts_pending; }
  const std::string& name() const { return name_; }

 private:
  class Line;

  void on_taken(const smpp::SubmitSm& sm, std::string_view id) override;
  void on_handset(const smpp::SubmitSm& sm) override;
  void on_receipt(std::string_view spelt, std::string_view id) override;
  carrier::Moment moment() const { return {agenda_.now(), agenda_.wall_now()}; }
  void tick();
  void arm();
  void forget(const Line& line);

  Agenda& agenda_;
  Network& network_;
  Chronicle& chronicle_;
  std::string name_;
  smpp::Alphabet alphabet_;
  PartCollector parts_;
  carrier::Carrier smsc_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::optional<Agenda::Key> due_;
};

}  // namespace xion::sim
