#include "app/owners/key_rotation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// New keys serve requests made so long after they are durable: by then both threads work with them.
constexpr Millis takes_effect_after{30'000};
/// Codes live for an hour at most, so that nobody needs the keys of older ones.
constexpr std::chrono::hours codes_kept{2};
/// Requests whose phone is sealed anew in one transaction, and the pause between two.
constexpr std::size_t sealed_at_once = 500;
constexpr Millis sealing_pause{50};
constexpr Millis sealing_retry{1'000};
/// What one node began the others have heard of by then.
constexpr Millis known_to_all_after{3'000};
/// While another node works with another master key.
constexpr Millis others_retry{10'000};

const Refusal not_begun{"no rotation to this key has begun", "begin again: `xionctl rotate-master-key`"};
const Refusal not_stored{"the store takes nothing now", "see `xionctl status`; nothing was changed"};

KeyGeneration fresh_generation(Entropy& entropy, WallTime from) {
  KeyGeneration keys;
  keys.from = from;
  for (SecretKey* key : {&keys.sealing, &keys.codes, &keys.code_hashes}) entropy.fill(key->octets());
  return keys;
}

void seal_webhook_secrets_anew(Txn& txn, Vault& vault) {
  for (Webhook& webhook : txn.webhooks()) {
    bool is_changed = false;
    for (WebhookSecret& secret : webhook.secrets) {
      auto sealed = vault.resealed(secret.sealed_as, secret.sealed);
      if (sealed) secret.sealed = std::move(*sealed);
      is_changed |= sealed.has_value();
    }
    if (is_changed) txn.put(webhook);
  }
}

void seal_hook_secrets_anew(Txn& txn, Vault& vault) {
  for (ApiKey& key : txn.api_keys()) {
    auto sealed = key.hook.empty() ? std::nullopt : vault.resealed(key.secret_as, key.secret_sealed);
    if (!sealed) continue;
    key.secret_sealed = std::move(*sealed);
    txn.put(key);
  }
}

void seal_secrets_anew(Txn& txn, Vault& vault) {
  seal_webhook_secrets_anew(txn, vault);
  seal_hook_secrets_anew(txn, vault);
}

/// A step through the log, from where the last one ended. Returns how many requests it looked at.
std::size_t seal_phones_anew(Txn& txn, Vault& vault, WallTime until) {
  const auto otps = txn.made_between(txn.reseal_mark().value_or(OtpId{}), until, sealed_at_once);
  for (const Otp& otp : otps) {
    if (auto sealed = vault.resealed(otp.id, otp.phone_sealed)) txn.reseal(otp.id, std::move(*sealed));
  }
  if (!otps.empty()) txn.set_reseal_mark(otps.back().id);
  return otps.size();
}

}  // namespace

KeyRotation::KeyRotation(const Ports& ports, const Lease& housekeeper)
    : ports_(ports),
      housekeeper_(housekeeper),
      timer_(ports.loop.timer([this] { seal_anew(); })),
      taking_timer_(ports.loop.timer([this] { look_for_ring(*std::exchange(taking_, std::nullopt), true); })) {}

void KeyRotation::start() {
  if (has_old_keys()) timer_->start(sealing_retry);
}

void KeyRotation::begin(const SecretKey& new_master, Done done) {
  Vault& vault = ports_.loop_vault;
  const WrappedRing ring = vault.wrap(vault.ring(), new_master, ports_.entropy);
  if (ring.check_value == vault.check_value())
    return done(std::unexpected(Refusal{"this is the master key in use", "make a new one"}));
  run_task(
      ports_.store,
      [ring](Txn& txn) {
        txn.put_key_ring(ring);
        return true;
      },
      [done = std::move(done)](Commit commit, bool&) {
        if (commit == Commit::failed) return done(std::unexpected(not_stored));
        log::info("key.rotation.begun", "");
        done({});
      });
}

void KeyRotation::take(const SecretKey& new_master, Done done) {
  if (ports_.loop_vault.check_value_of(new_master) == ports_.loop_vault.check_value()) return done({});
  look_for_ring({new_master, std::move(done)}, !ports_.cluster.is_shared());
}

void KeyRotation::look_for_ring(Taking taking, bool is_last_look) {
  const Digest check = ports_.loop_vault.check_value_of(taking.new_master);
  run_task(
      ports_.store, [check](Txn& txn) { return txn.key_ring(check); },
      [this, is_last_look, taking = std::move(taking)](Commit commit, std::optional<std::string>& kept) mutable {
        if (commit == Commit::failed) return taking.done(std::unexpected(not_stored));
        auto ring = kept ? ports_.loop_vault.unwrap(*kept, taking.new_master) : std::nullopt;
        if (!ring && !is_last_look && !taking_) {
          taking_ = std::move(taking);
          return taking_timer_->start(known_to_all_after);
        }
        if (!ring) return taking.done(std::unexpected(not_begun));
        log::info("key.master.taken", "check={}", name_of(ports_.loop_vault.check_value_of(taking.new_master)));
        adopt(std::move(*ring), taking.new_master, std::move(taking.done));
      });
}

std::string KeyRotation::name_of(const Digest& check_value) {
  constexpr std::size_t octets_of_name = 6;
  return hex(std::span(check_value).first(octets_of_name));
}

/// Of those that live, and work with another master key as far as they have told.
std::vector<std::string> KeyRotation::nodes_without(const Digest& check_value) const {
  std::vector<std::string> names;
  for (const Peer& peer : ports_.cluster.peers())
    if (peer.report.key_check != name_of(check_value)) names.push_back(peer.name);
  return names;
}

void KeyRotation::finish(const SecretKey& new_master, Done done) {
  Vault& vault = ports_.loop_vault;
  KeyRing ring = vault.ring();
  ring.generations.push_back(fresh_generation(ports_.entropy, ports_.loop.wall_now() + takes_effect_after));
  const WrappedRing kept = vault.wrap(ring, new_master, ports_.entropy);
  if (const auto without = nodes_without(kept.check_value); !without.empty())
    return done(std::unexpected(Refusal{
        fmt::format("{} work{} with another master key", fmt::join(without, ", "), without.size() == 1 ? "s" : ""),
        "put the new file in its place there and run `xionctl rotate-master-key --step take`"}));
  run_task(
      ports_.store,
      [kept](Txn& txn) {
        if (!txn.has_key_ring(kept.check_value)) return false;
        txn.keep_key_ring(kept);
        txn.set_reseal_mark(std::nullopt);
        return true;
      },
      [this, ring = std::move(ring), new_master, done = std::move(done)](Commit commit, bool& has_begun) mutable {
        if (commit == Commit::failed) return done(std::unexpected(not_stored));
        if (!has_begun) return done(std::unexpected(not_begun));
        log::info("key.rotation.finished", "");
        adopt(std::move(ring), new_master, std::move(done));
      });
}

void KeyRotation::read_shared(std::move_only_function<void(bool)> done) {
  struct Found {
    std::optional<std::string> ring;
    bool opens = false;
  };
  run_task(
      ports_.store,
      [check = ports_.loop_vault.check_value()](Txn& txn) { return Found{txn.key_ring(check), txn.adopt(check)}; },
      [this, done = std::move(done)](Commit commit, Found& found) mutable {
        if (commit == Commit::failed) return done(false);
        if (!found.opens)
          log::error("key.master.out_of_use", "check={} hint=\"{}\"", key_check(),
                     "another node finished a rotation: put the new master key's file in its place and restart");
        const SecretKey master = ports_.loop_vault.master();
        auto ring = found.ring ? ports_.loop_vault.unwrap(*found.ring, master) : std::nullopt;
        if (ring && !is_known(*ring)) {
          log::info("key.ring.adopted", "");
          adopt(std::move(*ring), master, [](auto) {});
        }
        done(true);
      });
}

/// A rotation adds a generation to a ring, and takes old ones away.
bool KeyRotation::is_known(const KeyRing& ring) const {
  return std::ranges::equal(ring.generations, ports_.loop_vault.ring().generations, {}, &KeyGeneration::from,
                            &KeyGeneration::from);
}

/// The ring is durable: now each thread takes it over.
void KeyRotation::adopt(KeyRing ring, const SecretKey& master, Done done) {
  ports_.loop_vault.adopt(ring, master);
  run_task(
      ports_.store,
      [ring, master, &vault = ports_.store_vault](Txn& txn) {
        vault.adopt(ring, master);
        seal_secrets_anew(txn, vault);
        return true;
      },
      [this, done = std::move(done)](Commit, bool&) {
        timer_->start(sealing_pause);  // The secrets too, where that commit failed.
        done({});
      });
}

void KeyRotation::seal_anew() {
  if (!has_old_keys()) return;
  if (!housekeeper_.is_held()) return timer_->start(sealing_retry);
  run_task(
      ports_.store,
      [until = ports_.loop_vault.ring().generations.back().from, &vault = ports_.store_vault](Txn& txn) {
        const std::size_t looked_at = seal_phones_anew(txn, vault, until);
        if (looked_at == 0) seal_secrets_anew(txn, vault);
        return looked_at;
      },
      [this](Commit commit, std::size_t& looked_at) {
        if (commit == Commit::failed) return timer_->start(sealing_retry);
        if (looked_at > 0) return timer_->start(sealing_pause);
        forget_old_keys();
      });
}

/// Everything is sealed under the newest keys; once no code of the old ones lives, those are gone.
void KeyRotation::forget_old_keys() {
  const KeyGeneration& newest = ports_.loop_vault.ring().generations.back();
  const Millis left = std::chrono::ceil<Millis>(newest.from + codes_kept - ports_.loop.wall_now());
  if (left > Millis{0}) return timer_->start(left);
  // What is kept under one master key is gone for who has another, in the midst of a rotation to the next.
  if (!nodes_without(ports_.loop_vault.check_value()).empty()) return timer_->start(others_retry);
  KeyRing ring = ports_.loop_vault.ring();
  ring.generations.erase(ring.generations.begin(), ring.generations.end() - 1);
  const SecretKey master = ports_.loop_vault.master();
  const WrappedRing kept = ports_.loop_vault.wrap(ring, master, ports_.entropy);
  run_task(
      ports_.store,
      [kept](Txn& txn) {
        txn.keep_key_ring(kept);
        return true;
      },
      [this, ring = std::move(ring), master](Commit commit, bool&) mutable {
        if (commit == Commit::failed) return timer_->start(sealing_retry);
        log::info("key.old.forgotten", "");
        adopt(std::move(ring), master, [](auto) {});
      });
}

}  // namespace xion
