#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/settings.h"
#include "sim/chronicle.h"
#include "sim/network.h"
#include "sim/sms.h"
#include "smpp/message_id.h"
#include "smpp/receipt.h"
#include "smpp/smsc_session.h"

namespace xion::sim {

/// How a carrier behaves. All chances are shares of 1, of each submit where nothing else is said.
struct CarrierHabits {
  Millis answer_min{5}, answer_max{80};
  Millis delivery_min{300}, delivery_max{5'000};  ///< Until the handset has it.
  double bind_refused = 0;                        ///< Of a bind: ESME_RALYBND, RBINDFAIL or RSYSERR.
  double throttled = 0;                           ///< ESME_RTHROTTLED or RMSGQFUL: not taken.
  double refused = 0;                             ///< Any other status: not taken.
  double nacked = 0;                              ///< generic_nack: not taken.
  double unbound_status = 0;                      ///< ESME_RINVBNDSTS: not taken.
  double answer_dropped = 0;                      ///< Taken, and never answered.
  double answer_late = 0;                         ///< Taken, and answered seconds later.
  double receipt_first = 0;                       ///< The receipt overtakes the response.
  double receipt_twice = 0;
  double receipt_never = 0;
  double undelivered = 0;  ///< The handset gets nothing; the receipt says why.
  double disconnects = 0;  ///< RST, before or after the answer.
  double unbinds = 0;
  double goes_silent = 0;                        ///< The connection is dead and nobody is told.
  smpp::IdForm receipt_id = smpp::IdForm::same;  ///< How receipts spell the id of the response.
  bool id_is_hex = false;
  std::string receipt_phone{};  ///< The number that receipts name; empty: the one that was submitted.
  bool receipt_names_id = true;
  double receipt_by_data_sm = 0;  ///< Of each receipt.
  double receipt_not_turned = 0;  ///< Of each receipt: from the sender to the phone.
  double receipt_foreign_id = 0;  ///< Of each receipt: its TLV has another network's id, the text the right one.
  double receipt_overruled = 0;   ///< Of each delivery: told of as undelivered before.
  double receipt_respelt = 0;     ///< Of each receipt: names the phone as networks do, or the service centre.
  double receipt_word = 0;        ///< Of each receipt: vendors' words, FAILED for UNDELIV.
  double id_blanks = 0;           ///< Of each answer: blanks behind the id.
  double id_long = 0;             ///< Of each answer: longer than an id may be, so that no receipt can name it.
  double full_queues = 0;         ///< Of the phones: ESME_RMSGQFUL whenever something is for them.
  double bind_dropped = 0;        ///< Of a bind: taken, and reset 50 ms later.
  bool ids_are_short = false;     ///< 1, 2, 3, …: in another base one message's id is another's.
};

/// A carrier: takes binds, answers submits, brings texts to handsets, and tells of it until it is acknowledged. It
/// outlives every crash of the process.
class Carrier {
 public:
  using HandsetGets = std::function<void(const std::string& phone, const std::string& text)>;
  /// Which id a receipt is about, as the response spelt it.
  using ReceiptSent = std::function<void(const std::string& carrier, const std::string& spelt, const std::string& id)>;

  Carrier(Agenda& agenda, Network& network, Seeded entropy, Chronicle& chronicle, const CarrierSettings& settings);
  ~Carrier();

  CarrierHabits habits;
  HandsetGets handset_gets;
  ReceiptSent receipt_sent;
  /// Scripts the next submits, before habits are asked: takes one status each.
  std::deque<std::uint32_t> next_statuses;

  /// Drops every connection with RST.
  void disconnect();
  void unbind();
  std::size_t bound() const;
  std::size_t taken() const { return taken_; }
  /// Receipts that nobody has acknowledged yet.
  std::size_t receipts_waiting() const { return receipts_.size(); }
  const std::string& name() const { return name_; }

 private:
  class Bind;
  struct Receipt {
    smpp::DeliverSm sm;
    std::string id;
    std::string spelt;
    int copies = 1;
    smpp::CommandId command = smpp::CommandId::deliver_sm;
    bool is_under_way = false;
  };

  void answer_bind(Bind& bind, const smpp::BindRequested& request);
  void judge(const std::shared_ptr<Bind>& bind, const smpp::Submitted& submitted);
  void take(const std::shared_ptr<Bind>& bind, const smpp::Submitted& submitted);
  void plan_end(const std::string& id, const smpp::Sm& sm, Millis answered_in);
  void give_to_handset(const smpp::Sm& sm);
  std::uint64_t make_receipt(const std::string& id, const smpp::Sm& sm, smpp::ReceiptState state);
  void offer(std::uint64_t receipt);
  void on_receipt_answer(std::uint64_t receipt, bool is_acknowledged);
  std::string next_id();
  bool happens(double share);
  bool has_full_queue(const std::string& phone) const;
  void forget_bind(const Bind* bind);

  Agenda& agenda_;
  Network& network_;
  Seeded entropy_;
  Chronicle& chronicle_;
  std::string name_;
  smpp::Alphabet alphabet_;
  std::vector<std::shared_ptr<Bind>> binds_;
  std::map<std::uint64_t, Receipt> receipts_;
  std::uint64_t last_receipt_ = 0;
  std::uint64_t last_id_ = 0;
  std::size_t taken_ = 0;
  PartCollector parts_;
};

}  // namespace xion::sim
