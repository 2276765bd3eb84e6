#pragma once
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/owners/webhook_turn.h"
#include "app/services.h"
#include "base/tracing.h"
#include "core/owners/receiver_pace.h"
#include "core/owners/webhook.h"
#include "ports/http_client.h"

namespace xion {

/// How calls to a webhook go in this process.
struct ReceiverView {
  std::size_t calls = 0;    ///< Under way.
  std::size_t slots = 0;    ///< At once at most.
  bool is_resting = false;  ///< Nobody answers: it is called only now and then.
};

/// What /metrics tells of webhooks, since start.
struct WebhookMeasures {
  std::uint64_t delivered = 0;  ///< Events that were taken.
  std::uint64_t failed = 0;     ///< Attempts that were not, events.
  std::uint64_t dropped = 0;    ///< Events that found no room.
  std::size_t waiting = 0;      ///< Events, as of the last turn.
  std::size_t silent = 0;       ///< Webhooks where nobody answers.
};

/// Takes what waits in the store to the webhooks, signed, and keeps how it went: in turns, each of which brings how
/// calls ended and takes out what is due in one commit. A turn begins as soon as the one before is durable and
/// something ended, so that commits grow with the traffic. Each webhook has its own pace, and no more of it is taken
/// out than that needs: one that hangs keeps nobody waiting.
///
/// An attempt that a crash cut short is made again: receivers tell repeats by `webhook-id`.
class Webhooks {
 public:
  Webhooks(Services& services, HttpClient& http);
  void start();
  void stop();
  /// Queues an event that is not a request's own: `app` 0 tells every app's webhooks.
  void tell(AppId app, std::string_view type, std::string data);
  /// Looks for due deliveries now rather than in a moment.
  void look_soon();
  ReceiverView view(std::string_view webhook) const;
  WebhookMeasures measures() const;

 private:
  struct Receiver {
    Webhook webhook;
    ReceiverPace pace;
    std::deque<WebhookDelivery> ready;  ///< Taken out, to be called for.
    std::set<std::uint64_t> taken;      ///< Those, those that are called for, and those whose end is not durable yet.
    std::size_t calls = 0;
    MonoTime used_at{};
    MonoTime complained_at{MonoTime::min()};
    std::size_t failed_events = 0;  ///< Since then.
  };
  using Receivers = std::map<std::string, Receiver, std::less<>>;
  /// A call under way.
  struct Call {
    std::string webhook;
    std::vector<std::uint64_t> deliveries;
    MonoTime began{};
    tracing::SpanPtr span{};  ///< Null: nothing of it is traced.
  };

  void turn();
  WebhookTurn next_turn();
  void finish_turn(Commit commit, WebhookTurnTaken& taken);
  void turn_again(Millis after);
  void turn_soon();
  void release_settled();
  void take_over(WebhookTurnTaken::Due& due);
  void forget_idle();
  void call_all();
  bool may_call(const Receiver& receiver) const;
  void call(Receiver& receiver);
  void ended(const Call& call, PostOutcome outcome);
  void note_pace(Receiver& receiver, const Call& call, const PostOutcome& outcome);
  void complain(Receiver& receiver, const Call& call, const AttemptResult& result);

  Services& services_;
  HttpClient& http_;
  Receivers receivers_;
  std::string served_last_;  ///< Whose turn it was, where not all could be called at once.
  std::size_t calls_ = 0;
  std::size_t taken_ = 0;
  std::vector<EndedAttempt> ended_;                               ///< Since the last turn.
  std::vector<std::pair<std::string, std::uint64_t>> settled_;    ///< Of the turn under way: webhook, delivery.
  std::vector<std::pair<std::string, std::uint64_t>> to_settle_;  ///< The same of the next one.
  WebhookMeasures measures_;
  bool is_turning_ = false;
  bool is_wanted_ = false;  ///< Somebody asked for a turn while one was under way.
  bool is_stopping_ = false;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Timer> timer_;
};

/// The headers of a call: `webhook-id`, `webhook-timestamp`, `webhook-signature` with one `v1,…` for each secret that
/// still signs. Source: Standard Webhooks 1.0.
std::vector<std::pair<std::string, std::string>> webhook_headers(const Webhook& webhook, std::string_view id,
                                                                 std::string_view payload, Vault& vault, WallTime now);
/// What a receiver is given: `whsec_` and base64.
std::string webhook_secret_text(const Secret& secret);
/// `v1,` and base64 of the signature of a content under a secret.
std::string webhook_signature(Vault& vault, const Secret& secret, std::string_view content);

}  // namespace xion
