#include <algorithm>

#include "app/owners/bearer_key.h"
#include "app/owners/directory.h"
#include "app/owners/key_text.h"
#include "app/owners/network.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr Seconds use_noted_every{600};

/// Has a key's form: what has not costs no HMAC.
bool looks_like_key(std::string_view key) {
  if (!key.starts_with(key_text::live_prefix) && !key.starts_with(key_text::test_prefix)) return false;
  key.remove_prefix(key_text::live_prefix.size());
  return key.size() == key_text::characters &&
         std::ranges::all_of(key, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); });
}

bool may_come_from(const ApiKey& key, std::string_view peer) {
  if (key.networks.empty()) return true;
  const auto address = parse_ip_address(peer);
  return address && std::ranges::any_of(key.networks, [&](const std::string& text) {
           const auto network = parse_network(text);
           return network && network->contains(*address);
         });
}

}  // namespace

std::expected<Caller, AuthRefused> Directory::authenticate(std::string_view authorization, std::string_view peer,
                                                           WallTime now) const {
  const auto text = bearer_key(authorization);
  if (!text || text->empty()) return std::unexpected(AuthRefused{AuthError::missing_api_key});
  if (!looks_like_key(*text)) return std::unexpected(AuthRefused{AuthError::invalid_api_key});
  const auto found = keys_.find(vault_.api_key_hash(*text));
  if (found == keys_.end() || !found->second.hook.empty())
    return std::unexpected(AuthRefused{AuthError::invalid_api_key});
  return admit(found->second, peer, now);
}

std::expected<Caller, AuthRefused> Directory::authenticate_signed(std::string_view hook, std::string_view key_id,
                                                                  const ClaimedSignature& claimed,
                                                                  std::string_view peer, WallTime now) const {
  if (key_id.empty()) return std::unexpected(AuthRefused{AuthError::missing_api_key});
  const auto named = hook_keys_.find(key_id);
  if (named == hook_keys_.end()) return std::unexpected(AuthRefused{AuthError::invalid_api_key});
  const auto found = keys_.find(named->second.hash);
  if (found == keys_.end() || found->second.hook != hook)
    return std::unexpected(AuthRefused{AuthError::invalid_api_key});
  const Digest right = vault_.sign(named->second.secret, claimed.content);
  const bool is_signed = std::ranges::any_of(
      claimed.signatures, [&](const Digest& digest) { return equal_in_constant_time(digest, right); });
  if (!is_signed) return std::unexpected(AuthRefused{AuthError::wrong_signature, found->second.id});
  return admit(found->second, peer, now);
}

std::expected<Caller, AuthRefused> Directory::admit(const ApiKey& key, std::string_view peer, WallTime now) const {
  const auto refused = [&](AuthError why) { return std::unexpected(AuthRefused{why, key.id}); };
  const auto app = this->app(key.app);
  if (key.revoked_at || !app) return refused(AuthError::revoked_api_key);
  if (key.expires_at && *key.expires_at <= now) return refused(AuthError::expired_api_key);
  if (!may_come_from(key, peer)) return refused(AuthError::client_not_allowed);
  note_use(key.id, now);
  return Caller{.app = app, .key_id = key.id, .scopes = key.scopes, .is_test = key.test};
}

/// A commit for each key in ten minutes at most.
void Directory::note_use(const std::string& key_id, WallTime now) const {
  KeyUse& use = uses_[key_id];
  use.at = now;
  if (now < use.noted_at + use_noted_every) return;
  use.noted_at = now;
  run_task(
      store_,
      [key_id, now](Txn& txn) {
        txn.note_key_use(key_id, now);
        return true;
      },
      [](Commit, bool&) {});
}

}  // namespace xion
