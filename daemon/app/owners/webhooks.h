#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "app/services.h"
#include "core/owners/webhook.h"
#include "ports/http_client.h"

namespace xion {

/// Takes what waits in the store to the webhooks, signed, and keeps how it went. An attempt that a crash cut short is
/// made again: receivers tell repeats by `webhook-id`.
class Webhooks {
 public:
  Webhooks(Services& services, HttpClient& http);
  void start();
  void stop();
  /// Queues an event that is not a request's own: `app` 0 tells every app's webhooks.
  void tell(AppId app, std::string_view type, std::string data);
  /// Looks for due deliveries now rather than in a moment.
  void look_soon();

 private:
  struct Due {
    std::vector<WebhookDelivery> deliveries;
    std::vector<Webhook> webhooks;
  };
  void look();
  void look_again(Millis after);
  void attempt(const Webhook& webhook, const WebhookDelivery& delivery);
  void settle(std::uint64_t id, PostOutcome outcome);
  void store_outcome(std::uint64_t id, AttemptResult result);
  void drop(std::uint64_t id);

  Services& services_;
  HttpClient& http_;
  std::set<std::uint64_t> in_flight_;
  std::map<std::string, std::size_t, std::less<>> in_flight_of_;  ///< By webhook.
  bool is_looking_ = false;
  bool is_wanted_ = false;  ///< Somebody asked for a look while one was under way.
  bool is_stopping_ = false;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Timer> timer_;
};

/// The headers of an attempt: `webhook-id`, `webhook-timestamp`, `webhook-signature` with one `v1,…` for each secret
/// that still signs. Source: Standard Webhooks 1.0.
std::vector<std::pair<std::string, std::string>> webhook_headers(const Webhook& webhook,
                                                                 const WebhookDelivery& delivery, Vault& vault,
                                                                 WallTime now);
/// What a receiver is given: `whsec_` and base64.
std::string webhook_secret_text(const Secret& secret);
/// `v1,` and base64 of the signature of a content under a secret.
std::string webhook_signature(Vault& vault, const Secret& secret, std::string_view content);

}  // namespace xion
