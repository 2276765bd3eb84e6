#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/ledger.h"
#include "sim/pace_audit.h"
#include "sim/simulated_network.h"
#include "sim/sms.h"
#include "sim/wait_audit.h"
#include "smpp/framer.h"
#include "smpp/pdu.h"

namespace xion::sim {

/// The auditor at the wire: reads what the process writes to carriers and reads from them, and holds it against what
/// customers were told.
class WireAudit final : public WireTap {
 public:
  WireAudit(const Agenda& agenda, Chronicle& chronicle, Ledger& ledger, const Settings& settings)
      : agenda_(agenda),
        chronicle_(chronicle),
        ledger_(ledger),
        settings_(settings),
        pace_(agenda, chronicle),
        waits_(agenda, chronicle, ledger) {}

  void on_connect(std::uint64_t connection, const std::string& address, Agenda::Owner owner) override;
  void on_written(std::uint64_t connection, std::string_view octets) override;
  void on_read(std::uint64_t connection, std::string_view octets) override;
  void on_gone(std::uint64_t connection) override {
    connections_.erase(connection);
    pace_.on_gone(connection);
  }
  void on_life() { pace_.on_life(); }
  /// Several nodes are at the wire: what one of them has ended, another may have handed to its bind a moment before.
  /// And the clock of each may be a tenth too quick.
  void expect_many() {
    pace_.expect_many();
    quickest_clock_ = 1.1;
  }
  /// What nodes do for each other by now. Where they don't, a message that waits at a node without a bind, or at one
  /// that died, waits until it expires.
  struct Promises {
    bool hands_over = false;  ///< A message goes to a node that has a bind.
    bool adopts = false;      ///< What waits at a dead node is taken up by another.
  };
  Promises promises;
  /// A carrier says which id a receipt that it spells so is about.
  void on_receipt_sent(const std::string& carrier, const std::string& spelt, const std::string& id) {
    spellings_[{carrier, spelt}] = id;
  }
  /// A whole text, of however many parts, reached a phone.
  void on_handset(const std::string& e164, const std::string& text);
  /// What the process did not live to keep, or its disk refused.
  void on_trouble() { troubles_.push_back(agenda_.now()); }

  /// From here on nothing hinders a message.
  void on_heal() { healed_at_ = agenda_.now(); }

  /// Asked right after what a crash would like to strike at: a submit or an acknowledgement that was just written.
  std::function<void(Agenda::Owner)> written_something;
  /// A carrier accepted another bind of a life; how many binds each life has at it.
  using BindsOf = std::map<Agenda::Owner, std::size_t>;
  std::function<void(const CarrierSettings& carrier, const BindsOf& binds)> was_bound;

  /// What a request's description says at the end, once faults have stopped and time has passed.
  void check_end(const RequestTold& request, const HttpAnswer& answer);
  /// One of a description's `events`.
  struct Event {
    std::string type, carrier;
    std::vector<std::string> ids;
  };
  /// After `check_end` of every request that was told.
  void check_all_kept();
  /// For a world in which one carrier of every route is well.
  WaitAudit& waits() { return waits_; }
  std::size_t submits() const { return submits_; }
  std::size_t acknowledged_receipts() const { return receipts_acknowledged_; }

 private:
  double quickest_clock_ = 1;
  struct Connection {
    const CarrierSettings* carrier = nullptr;
    Agenda::Owner owner = 0;
    smpp::Framer written, read;
    bool is_bound = false;
    bool is_over = false;                          ///< The carrier unbound: what it says after that says nothing.
    std::map<std::uint32_t, MonoTime> in_flight;   ///< submit_sm without an answer, by sequence number.
    std::map<std::uint32_t, std::size_t> submits;  ///< All of them, as places in `submitted_`.
    std::map<std::uint32_t, std::pair<std::string, bool>>
        delivers;  ///< Receipts without an answer: id as spelt, delivered.
  };
  struct Submit {
    std::string phone;
    MonoTime written{};
    std::uint8_t parts = 1;  ///< Of the text that it is one of.
    bool is_refused = false;
  };
  /// A message id that a carrier gave, and what came of it.
  struct Given {
    std::string phone;
    MonoTime read{};
    bool is_whole = true;  ///< Not a part of a longer text.
  };
  using IdOfCarrier = std::pair<std::string, std::string>;

  void written(Connection& connection, const smpp::Pdu& pdu);
  void read(Connection& connection, const smpp::Pdu& pdu);
  Millis answer_awaited(const CarrierSettings& carrier) const;
  void on_submit(Connection& connection, std::uint32_t sequence, const smpp::SubmitSm& sm);
  void tell_binds(const CarrierSettings& carrier) const;
  void check_window(Connection& connection, const std::string& phone);
  void check_life(const std::string& e164, const PhoneTold& phone, const smpp::SubmitSm& sm);
  void check_code(const std::string& e164, PhoneTold& phone, const std::string& code);
  void check_copies(const std::string& e164, const PhoneTold& phone);
  void check_arrived(const std::string& e164, std::uint32_t copies);
  void on_submit_answer(Connection& connection, const smpp::Pdu& pdu, const std::string* message_id);
  void on_deliver(Connection& connection, std::uint32_t sequence, const smpp::Sm& sm);
  void on_deliver_answer(Connection& connection, const smpp::Pdu& pdu);
  void check_receipts(const RequestTold& request, const std::vector<Event>& events);
  bool may_be_lost(const Given& given) const;
  bool is_of_lost_answer(const std::string& carrier, const std::string& id, const std::string& phone) const;
  void check_went_out(const RequestTold& request, const std::string& status, const std::vector<Event>& events);
  bool was_troubled(MonoTime from, MonoTime until) const;

  const Agenda& agenda_;
  Chronicle& chronicle_;
  Ledger& ledger_;
  const Settings& settings_;
  PaceAudit pace_;
  WaitAudit waits_;
  std::map<std::uint64_t, Connection> connections_;
  std::vector<Submit> submitted_;
  std::map<IdOfCarrier, std::string> spellings_;
  std::map<IdOfCarrier, Given> given_;
  std::map<IdOfCarrier, MonoTime> acknowledged_;
  std::map<IdOfCarrier, std::array<std::string, 2>> told_of_;             ///< Ids that receipts were about, for whom.
  std::set<IdOfCarrier> kept_;                                            ///< Ids that descriptions tell.
  std::map<std::pair<std::string, std::string>, std::uint32_t> arrived_;  ///< Texts by phone and code.
  std::vector<MonoTime> troubles_;
  MonoTime healed_at_{};
  std::size_t submits_ = 0, receipts_acknowledged_ = 0;
};

}  // namespace xion::sim
