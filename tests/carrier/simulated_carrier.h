#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "carrier/account.h"
#include "carrier/fault.h"
#include "carrier/inbox.h"
#include "carrier/random.h"
#include "carrier/schedule.h"
#include "carrier/script.h"
#include "carrier/seen.h"
#include "carrier/stats.h"
#include "carrier/verdict.h"

namespace xion::carrier {

struct Moment {
  MonoTime mono;
  WallTime wall;
};

/// Who sees what no ESME does: an auditor.
class Onlooker {
 public:
  virtual ~Onlooker() = default;
  /// `id`: by which the response names it, where it names it.
  virtual void on_taken(const smpp::SubmitSm& sm, std::string_view id) = 0;
  /// The message is where it was sent to. A part of a long text is one alone.
  virtual void on_handset(const smpp::SubmitSm& sm) = 0;
  /// A receipt leaves; `spelt`: the id as it has it, unless a fault leaves it out.
  virtual void on_receipt(std::string_view spelt, std::string_view id) = 0;
};

struct CarrierSettings {
  std::string system_id{};  ///< empty: any may bind
  Secret password{};        ///< looked at where a system_id is given
  smpp::Alphabet default_alphabet = smpp::Alphabet::gsm7;
  bool keeps_inbox = true;
  std::size_t binds_at_most = 0;     ///< of each kind, of an account; 0: as many as it likes
  std::size_t receipt_window = 100;  ///< deliver_sm unanswered on a bind
  Millis receipt_timeout{10'000};    ///< after which a receipt that was not acknowledged is sent again
  Millis enquire_link_idle{0};       ///< 0: never asks
  std::uint64_t seed = 1;
  std::uint64_t first_number = 1;  ///< of the message ids
  Onlooker* onlooker = nullptr;    ///< null: nobody; outlives the carrier
  bool trace = false;
};

/// The simulated SMSC: what it answers, whom it sends receipts, what goes wrong. No I/O: the shell brings octets and
/// the time, and writes to `Wire`s.
class Carrier {
 public:
  explicit Carrier(CarrierSettings settings);

  Peer& opened(Wire& wire, Moment now);
  void octets(Peer& peer, std::string_view octets, Moment now);
  /// The connection has ended, from whichever side. The peer is gone when this returns.
  void closed(Peer& peer, Moment now);
  /// Looks at every time limit of the sessions: ten times a second is enough.
  void tick(Moment now);
  /// Does what has become due.
  void run_due(Moment now);
  std::optional<MonoTime> next_due() const { return schedule_.next_due(); }

  /// Ends every connection.
  void drop_all(bool with_reset, Moment now);
  /// Sends a message from a handset to every account; how many there were.
  std::size_t send_from_handset(const std::string& from, const std::string& to, const std::string& text, Moment now);

  /// The next message has this number, from which its id is made.
  void count_ids_from(std::uint64_t number) { next_number_ = number; }
  Faults& faults() { return faults_; }
  Script& script() { return script_; }
  const Inbox& inbox() const { return inbox_; }
  bool keeps_inbox() const { return settings_.keeps_inbox; }
  Stats stats() const;

 private:
  // carrier.cpp: connections and binds
  void on_bind(Peer& peer, const smpp::BindRequested& request);
  std::uint32_t bind_status(const smpp::Bind& bind);
  void welcome(Peer& peer);
  void take(Peer& peer, smpp::SmscAction& action);
  void forward(Peer& peer, smpp::SmscAction action);
  void settle();
  void perform(Peer& peer, smpp::SmscAction& action);
  void write_out(Peer& peer);
  void break_off(Peer& peer, bool with_reset);
  void retire(Peer& peer);
  void wants_to_write(Peer& peer);
  Account& account_of(const std::string& system_id);
  Peer* find(std::uint64_t peer_id);

  // submits.cpp: messages from ESMEs
  void on_submit(Peer& peer, const smpp::Submitted& submitted);
  Faults& faults_of(const Outcome& outcome);
  bool breaks_off(Peer& peer, Faults& faults);
  void interrupt(Peer& peer, Faults& faults);
  bool is_over_rate(Account& account);
  void note_accepted(const std::string& number, const smpp::SubmitSm& sm);
  void answer(Peer& peer, std::uint32_t sequence, const Verdict& verdict, std::uint64_t number);
  void say_answer(Peer& peer, std::uint32_t sequence, const Verdict& verdict, std::uint64_t number);

  // receipts.cpp: messages to ESMEs
  /// What becomes of a message that was accepted, and when.
  struct End {
    smpp::ReceiptState state = smpp::ReceiptState::delivered;
    std::string error;
    Millis delay{0};  ///< from its submit_sm
  };
  End end_of(const Outcome& outcome, const Verdict& verdict);
  void show_onlooker(const smpp::SubmitSm& sm, std::uint64_t number, const End& end, const Verdict& verdict);
  void make_receipts(Peer& peer, const smpp::SubmitSm& sm, std::uint64_t number, const Outcome& outcome, const End& end,
                     const Verdict& verdict);
  smpp::Token keep(Delivery delivery);
  void forget(smpp::Token token);
  void deliver_in(Millis delay, smpp::Token token);
  void deliver_message(Account& account, smpp::DeliverSm sm);
  void pump(Account& account);
  Peer* receiver_for(Account& account, const Delivery& delivery);
  bool hand_over(Peer& peer, smpp::Token token);
  void on_delivered(const smpp::DeliverAnswered& answer);
  void on_lost(const smpp::DeliverLost& lost);

  CarrierSettings settings_;
  Faults faults_;
  Script script_;
  Inbox inbox_;
  Random random_;
  Stats stats_;
  SeenSet seen_;
  Schedule schedule_;
  Moment now_{};
  std::uint64_t next_number_;
  std::uint64_t next_peer_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<Peer>> peers_;
  std::unordered_map<std::string, std::unique_ptr<Account>> accounts_;
  std::vector<Peer*> writers_;        ///< peers with something in their outbox
  smpp::SmscActions incoming_;        ///< reused between reads
  std::vector<Delivery> deliveries_;  ///< by token
  std::vector<smpp::Token> free_tokens_;
};

}  // namespace xion::carrier
