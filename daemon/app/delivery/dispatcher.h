#pragma once
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/delivery/carrier_facts.h"
#include "app/delivery/carriers.h"
#include "app/delivery/dispatch_queue.h"
#include "app/delivery/receipts.h"
#include "app/delivery/smpp_account.h"
#include "app/delivery/submissions.h"
#include "app/measures.h"
#include "app/owners/directory.h"
#include "app/ports.h"
#include "app/settings_in_force.h"
#include "core/otp/conversion.h"
#include "core/otp/delivery_rules.h"

namespace xion {

/// What a send holds while its commit is under way: room at a carrier, so that the first submission is in the same
/// commit.
struct Reservation {
  CarrierSettingsRef carrier;  ///< Null: none has room now, or older messages wait.
};

/// Gets messages to carriers: the queue in memory, the binds, the choice between them, and what becomes of a
/// submission.
class Dispatcher final : public Carriers, public LinkEvents {
 public:
  Dispatcher(const Ports& ports, const SettingsInForce& settings, const Directory& directory, Measures& measures);
  ~Dispatcher() override;

  /// Connects every carrier and takes up what an earlier process left: queued messages and unknown outcomes.
  void start(std::move_only_function<void(bool)> recovered);
  /// What another node left or handed over, as it is read of the store.
  struct Left {
    std::vector<SubmissionRef> submitting;
    std::vector<std::pair<SubmissionRef, DispatchItem>> unknown;
    std::vector<DispatchItem> queued;
  };
  static Left read_left(Txn& txn, const std::vector<SubmissionRef>& unsettled, const std::vector<OutboxEntry>& queued,
                        Vault& vault, const CarrierOverrides& overrides, WallTime now);
  void take_up(Left left);
  /// No new submits; windows drain, binds unbind.
  void stop();
  bool is_stopped() const;
  /// Takes over carriers and routes of a new configuration.
  void configure(const Settings& before, const Settings& after);

  /// The route that a query takes now; null: none matches.
  const RouteSettings* route_for(const RouteQuery& query) const;
  /// Room for one fresh message at a carrier that no older one waits for.
  Reservation reserve(const RouteQuery& query);
  /// Room at one carrier, whatever the routes say.
  Reservation reserve_at(std::string_view name);
  /// Ends a reservation. `outgoing`: what was claimed under it, if anything.
  void settle(const Reservation& reservation, std::optional<Outgoing> outgoing);
  /// A message that is kept as queued.
  void enqueue(DispatchItem item);
  /// Takes back what no carrier has yet of a request's messages before `first_kept` (all: nothing given).
  void withdraw(const OtpId& otp, std::size_t first_kept = SIZE_MAX);
  /// Sends `ref`'s message again unless a receipt or a late answer tells its outcome in the route's failover time; at
  /// once where the connection is lost and another carrier has room.
  void watch_unknown(const SubmissionRef& ref, const DispatchItem& item, Unanswered why);

  /// Whether a submit to one of these numbers waits for its response at a carrier, or may for its being stored.
  bool awaits_response(std::string_view carrier, std::span<const std::string> numbers) const;
  /// Calls `then` once every response that has come is stored; with false, where the store has failed to keep some.
  void once_responses_are_kept(std::move_only_function<void(bool are_kept)> then) {
    submissions_.once_kept([this, then = std::move(then)]() mutable { then(!submissions_.is_behind()); });
  }

  /// Of the carriers as they are configured now.
  const CarrierFacts& facts() const { return facts_; }

  /// How a request ended, or a message: what the choice of carriers learns from.
  void note_verification(const Carriage& carriage, bool was_verified);
  void note_delivery(const Carriage& carriage, bool was_delivered);

  std::vector<CarrierView> view() const override;
  bool pause(std::string_view name) override;
  bool resume(std::string_view name) override;
  bool reconnect(std::string_view name) override;
  bool trace(std::string_view name, Tracer tracer) override;
  bool drain(std::string_view name) override;
  void hold(CarrierHold wanted, HoldDone done) override;
  void release(std::string_view name, HoldDone done) override;
  RouteExplanation explain(const RouteQuery& query) const override;
  /// By this node or another.
  bool has_bound_carrier() const override;
  /// What other nodes are told of the carriers here.
  NodeReport report() const;
  /// Takes over what another node has learnt or was told by an operator: holds, and the bases of receipts' ids.
  void read_shared(std::move_only_function<void(bool)> done);
  std::size_t queue_size() const override { return queue_.size() + claims_; }
  std::optional<WallTime> waiting_since() const override { return queue_.waiting_since(); }
  bool is_all_paused() const override;
  bool is_overloaded() const override;

 private:
  void on_answer(SmscLink& link, const SubmissionRef& ref, std::uint32_t status,
                 const std::string& smsc_message_id) override;
  void on_not_taken(SmscLink& link, const SubmissionRef& ref, std::uint32_t status) override;
  void on_unknown(SmscLink& link, const SubmissionRef& ref, Unanswered why) override;
  void on_late_answer(SmscLink& link, const SubmissionRef& ref, std::uint32_t status,
                      const std::string& smsc_message_id) override;
  void on_deliver(SmscLink& link, const DeliveryTicket& ticket, smpp::DeliverSm&& sm) override;
  void on_seen(SmscLink& link, const TracedPdu& pdu) override;
  void on_change(SmscLink& link) override;

  void apply_hold(SmppAccount& carrier);
  void take_holds(std::vector<CarrierHold> kept);
  void follow_holds(std::vector<CarrierHold> kept);
  const CarrierHold* hold_of(std::string_view name) const;
  void watch_holds();
  void add_carrier(const CarrierSettings& settings);
  void reap_soon();
  void reap();
  SmppAccount* carrier(std::string_view name) const;
  SmppAccount* holder(const CarrierSettingsRef& settings) const;
  RouteDecision decide(const RouteQuery& query) const;
  RouteDecision decide(const DispatchItem& item) const;
  void queue(DispatchItem item);
  void pump_soon();
  void pump();
  DispatchQueue::Verdict try_item(const RouteSettings* route, DispatchItem& item);
  void hand_over(DispatchItem item, std::string_view carrier);
  std::string why_waiting(const DispatchItem& item) const;
  void claim(DispatchItem item, SmppAccount& carrier);
  void recover(std::move_only_function<void(bool)> recovered);
  bool is_free_elsewhere(const DispatchItem& item) const;
  void check_unknown();

  Ports ports_;
  const SettingsInForce& settings_;
  const Directory& directory_;
  Measures& measures_;
  CarrierFacts facts_;
  std::map<std::string, std::unique_ptr<SmppAccount>, std::less<>> carriers_;
  Conversions conversions_;
  HealthOf health_;
  std::vector<std::unique_ptr<SmppAccount>> retired_;  ///< Changed or removed: they drain, then go.
  std::map<std::string, Millis> unstarted_;  ///< Wait for a retired one of their name to be gone, and so long after it.
  DispatchQueue queue_;
  std::size_t claims_ = 0;  ///< Claims whose commit is under way.
  std::multimap<MonoTime, SubmissionRef> unknown_;
  Submissions submissions_;
  Receipts receipts_;
  bool pump_is_posted_ = false;
  bool reap_is_posted_ = false;
  bool is_stopping_ = false;
  std::unique_ptr<Timer> pump_timer_;
  std::unique_ptr<Timer> unknown_timer_;
  std::map<std::string, CarrierHold, std::less<>> holds_;  ///< By the carrier's name.
  std::unique_ptr<Timer> hold_timer_;
};

}  // namespace xion
