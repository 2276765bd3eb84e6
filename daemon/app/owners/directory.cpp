#include "app/owners/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "app/owners/app_checks.h"
#include "app/owners/hook_secret.h"
#include "app/owners/key_text.h"
#include "app/owners/network.h"
#include "base/log.h"
#include "base/suggest.h"
#include "core/owners/app_policy.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr std::size_t key_octets = 25;  ///< 200 bits: as many as the characters hold.
constexpr std::size_t key_id_octets = 7;
constexpr std::size_t key_id_characters = 10;

std::string random_text(Entropy& entropy, std::size_t octets, std::size_t characters) {
  std::array<std::uint8_t, 32> random{};
  entropy.fill(std::span(random).first(octets));
  std::string text = crockford32(std::span(random).first(octets)).substr(0, characters);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Refusal no_such_app(Txn& txn, std::string_view name) {
  std::vector<std::string> names;
  for (const App& app : txn.apps()) names.push_back(app.name);
  return {fmt::format("there is no app {}", name), meant_name(name, names).value_or("`xionctl app list` shows them")};
}

std::optional<App> stored_app(Txn& txn, std::string_view name) {
  auto apps = txn.apps();
  const auto found = std::ranges::find(apps, name, &App::name);
  return found == apps.end() ? std::nullopt : std::optional(std::move(*found));
}

Refusal no_such_key(std::string_view id) {
  return {fmt::format("there is no key {}", id), "`xionctl key list` shows them"};
}

Refusal only_by_operator() {
  return {"this key's rights are the operator's to give: pii:read, admin:*, and what who asks has not",
          "`xionctl key create`, `xionctl key rotate`", true};
}

bool has_ended(const ApiKey& key, WallTime now) {
  return key.revoked_at.has_value() || (key.expires_at && *key.expires_at <= now);
}

/// Whether the app has as many keys as it may have, `but_for` one.
std::optional<Refusal> check_room(const std::vector<ApiKey>& keys, AppId app, std::string_view but_for, WallTime now) {
  const auto working = std::ranges::count_if(
      keys, [&](const ApiKey& key) { return key.app == app && key.id != but_for && !has_ended(key, now); });
  if (static_cast<std::size_t>(working) < keys_of_an_app) return std::nullopt;
  return Refusal{fmt::format("the app has {} keys, which is all it may have", keys_of_an_app),
                 "`xionctl key revoke` ends one"};
}

/// The request rate of a plan, with a burst of two seconds.
double burst_of(const Plan& plan) { return std::max(1.0, 2 * plan.requests_per_second); }

/// What a decision in a transaction gave; expected has no value to begin with, so "not run" is a refusal.
template <typename T>
struct Decided {
  std::expected<T, Refusal> value = std::unexpected(Refusal{});
};

/// Decides in a transaction; after the commit, `keep` brings the memory to what is on disk, and `done` tells.
template <typename T, typename Decide, typename Keep>
void decide(Store& store, Decide decide_in, Keep keep, AdminDone<T> done) {
  run_task(
      store, [decide_in = std::move(decide_in)](Txn& txn) mutable { return Decided<T>{decide_in(txn)}; },
      [keep = std::move(keep), done = std::move(done)](Commit commit, Decided<T>& decided) mutable {
        if (commit == Commit::failed) {
          decided.value =
              std::unexpected(Refusal{"the store could not keep it; nothing was changed", "see `xionctl status`"});
        }
        if (decided.value) keep(*decided.value);
        done(std::move(decided.value));
      });
}

template <typename T>
void refuse(Loop& loop, Refusal refusal, AdminDone<T> done) {
  loop.post(
      [refusal = std::move(refusal), done = std::move(done)]() mutable { done(std::unexpected(std::move(refusal))); });
}

}  // namespace

/// The burst is whole at each node: who balances calls by dice asks now and then one that nobody asked before.
void AppEntry::set_share(double of_rate, MonoTime now) {
  share = of_rate;
  requests.set_rate(policy.plan.requests_per_second * share, burst_of(policy.plan), now);
}

std::size_t Directory::DigestHash::operator()(const Digest& d) const {
  std::size_t hash = 0;
  std::memcpy(&hash, d.data(), sizeof hash);  // A keyed hash already.
  return hash;
}

Directory::Directory(Store& store, Loop& loop, Entropy& entropy, Vault& vault, const Settings& settings)
    : store_(store), loop_(loop), entropy_(entropy), vault_(vault), settings_(&settings) {}

void Directory::load(std::move_only_function<void(bool)> done) {
  run_task(
      store_, [](Txn& txn) { return std::tuple(txn.apps(), txn.api_keys(), txn.key_uses()); },
      [this, done = std::move(done)](Commit commit, auto& found) mutable {
        if (commit == Commit::failed) return done(false);
        const auto& [apps, keys, uses] = found;
        forget_all_but(apps);
        for (const App& app : apps) keep(app);
        for (const ApiKey& key : keys) keep(key);
        for (const auto& [id, at] : uses) {
          KeyUse& use = uses_[id];
          use = {std::max(use.at, at), std::max(use.noted_at, at)};
        }
        done(true);
      });
}

/// Keys are all read anew; apps stay where they are, since theirs is what a rate has lent.
void Directory::forget_all_but(const std::vector<App>& apps) {
  std::erase_if(apps_, [&](const auto& known) { return std::ranges::find(apps, known.first, &App::id) == apps.end(); });
  keys_.clear();
  hook_keys_.clear();
}

void Directory::configure(const Settings& settings) {
  settings_ = &settings;
  for (const auto& entry : apps()) keep(entry->app);
}

/// Replaces the entry, since a call under way may hold the old one. What the app's bucket has lent stays lent.
void Directory::keep(const App& app) {
  AppPolicy policy = policy_of(*settings_, app.plan, app.overrides);
  const double rate = policy.plan.requests_per_second;
  TokenBucket bucket(rate, burst_of(policy.plan));
  const auto entry = std::make_shared<AppEntry>(AppEntry{app, std::move(policy), bucket});
  if (const auto before = this->app(app.id)) {
    entry->requests = before->requests;
    entry->set_share(before->share, loop_.now());
    entry->test_requests = before->test_requests;
    entry->demand = before->demand;
  }
  apps_.insert_or_assign(app.id, entry);
}

void Directory::keep(const ApiKey& key) {
  keys_.insert_or_assign(key.hash, key);
  if (key.hook.empty()) return;
  auto secret = vault_.open(key.secret_as, key.secret_sealed);
  if (!secret) {
    log::warning("key.secret_unreadable", "key={} hook={} hint=\"make another by `xionctl key create --hook`\"", key.id,
                 key.hook);
    return;
  }
  hook_keys_.insert_or_assign(key.id, HookKey{key.hash, std::move(*secret)});
}

std::shared_ptr<AppEntry> Directory::app(AppId id) const {
  const auto found = apps_.find(id);
  return found == apps_.end() ? nullptr : found->second;
}

std::shared_ptr<AppEntry> Directory::app_named(std::string_view name) const {
  const auto found = std::ranges::find_if(apps_, [&](const auto& entry) { return entry.second->app.name == name; });
  return found == apps_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<AppEntry>> Directory::apps() const {
  std::vector<std::shared_ptr<AppEntry>> all;
  for (const auto& [id, entry] : apps_) all.push_back(entry);
  std::ranges::sort(all, {}, [](const auto& entry) { return entry->app.id; });
  return all;
}

std::vector<ApiKey> Directory::keys() const {
  std::vector<ApiKey> all;
  for (const auto& [hash, key] : keys_) all.push_back(key);
  std::ranges::sort(all, [](const ApiKey& a, const ApiKey& b) {
    return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
  });
  return all;
}

std::optional<WallTime> Directory::last_used(const std::string& key_id) const {
  const auto found = uses_.find(key_id);
  return found == uses_.end() ? std::nullopt : std::optional(found->second.at);
}

void Directory::add_app(std::string name, std::string plan, std::map<std::string, std::string> overrides,
                        AdminDone<App> done) {
  if (auto refusal = check_app_name(name)) return refuse(loop_, std::move(*refusal), std::move(done));
  if (auto refusal = check_app_plan(*settings_, plan)) return refuse(loop_, std::move(*refusal), std::move(done));
  if (auto refusal = check_app_settings(overrides)) return refuse(loop_, std::move(*refusal), std::move(done));
  if (auto sentence = check_overrides(overrides)) return refuse(loop_, {std::move(*sentence), ""}, std::move(done));
  App wanted{.name = std::move(name),
             .plan = std::move(plan),
             .created_at = loop_.wall_now(),
             .overrides = std::move(overrides)};
  decide<App>(
      store_,
      [wanted](Txn& txn) -> std::expected<App, Refusal> {
        if (stored_app(txn, wanted.name)) {
          return std::unexpected(
              Refusal{fmt::format("there is an app {} already", wanted.name), "`xionctl app show` shows it"});
        }
        App app = wanted;
        app.id = txn.next_app_id();
        txn.put(app);
        return app;
      },
      [this](const App& app) {
        keep(app);
        log::info("app.added", "app={} plan={}", app.name, app.plan);
      },
      std::move(done));
}

/// `plan` is set like an override, though it is a member of its own. An empty value takes an override back.
void Directory::set_app(std::string name, std::map<std::string, std::string> overrides, AdminDone<App> done) {
  std::optional<std::string> plan;
  if (auto found = overrides.extract("plan")) plan = std::move(found.mapped());
  if (plan) {
    if (auto refusal = check_app_plan(*settings_, *plan)) return refuse(loop_, std::move(*refusal), std::move(done));
  }
  auto given = overrides;
  std::erase_if(given, [](const auto& override_) { return override_.second.empty(); });
  if (auto refusal = check_app_settings(given)) return refuse(loop_, std::move(*refusal), std::move(done));
  decide<App>(
      store_,
      [name = std::move(name), plan, overrides = std::move(overrides)](Txn& txn) -> std::expected<App, Refusal> {
        auto app = stored_app(txn, name);
        if (!app) return std::unexpected(no_such_app(txn, name));
        if (plan) app->plan = *plan;
        for (const auto& [key, value] : overrides) {
          if (value.empty()) {
            app->overrides.erase(key);
          } else {
            app->overrides.insert_or_assign(key, value);
          }
        }
        if (std::ranges::any_of(overrides, [](const auto& each) { return each.first.starts_with("countries_"); })) {
          if (auto sentence = check_overrides(app->overrides))
            return std::unexpected(Refusal{std::move(*sentence), ""});
        }
        txn.put(*app);
        return std::move(*app);
      },
      [this](const App& app) {
        keep(app);
        log::info("app.changed", "app={} plan={}", app.name, app.plan);
      },
      std::move(done));
}

void Directory::remove_app(std::string name, AdminDone<App> done) {
  decide<App>(
      store_,
      [name = std::move(name), now = loop_.wall_now()](Txn& txn) -> std::expected<App, Refusal> {
        auto app = stored_app(txn, name);
        if (!app) return std::unexpected(no_such_app(txn, name));
        for (ApiKey& key : txn.api_keys()) {
          if (key.app != app->id || key.revoked_at) continue;
          key.revoked_at = now;
          txn.put(key);
        }
        txn.remove_app(app->id);
        return std::move(*app);
      },
      [this, now = loop_.wall_now()](const App& app) {
        apps_.erase(app.id);
        for (auto& [hash, key] : keys_) {
          if (key.app == app.id && !key.revoked_at) key.revoked_at = now;
        }
        log::info("app.removed", "app={}", app.name);
      },
      std::move(done));
}

Secret Directory::fresh_key_text(bool is_test) {
  return Secret(std::string(is_test ? key_text::test_prefix : key_text::live_prefix) +
                random_text(entropy_, key_octets, key_text::characters));
}

namespace {

/// A key that another one makes works from no more places, and no longer.
std::optional<Refusal> check_reach(const KeyAsker& by, const ApiKey& wanted) {
  if (!by.may_let_live(wanted.expires_at))
    return Refusal{fmt::format("the key that asks ends at {}, and so must what it makes", rfc3339(*by.key->expires_at)),
                   "an earlier end"};
  if (!by.key || by.key->networks.empty()) return std::nullopt;
  const auto is_within = [&](const std::string& text) {
    const auto inner = parse_network(text);
    return inner && std::ranges::any_of(by.key->networks, [&](const std::string& own) {
             const auto outer = parse_network(own);
             return outer && outer->prefix_bits <= inner->prefix_bits && outer->contains(inner->address);
           });
  };
  if (!wanted.networks.empty() && std::ranges::all_of(wanted.networks, is_within)) return std::nullopt;
  return Refusal{"the key that asks works from its networks alone, and so must what it makes",
                 fmt::format("within {}", fmt::join(by.key->networks, ", "))};
}

std::optional<Refusal> check_key_name(std::string_view name) {
  const bool is_plain = std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (name.size() <= key_name_octets && is_plain) return std::nullopt;
  return Refusal{"that is no name for a key", fmt::format("at most {} octets of text, on one line", key_name_octets)};
}

struct HookSecret {
  Secret typed, octets;
  bool is_ours = false;
};
/// Of a hook's key; of another one nothing.
std::expected<HookSecret, Refusal> secret_of(const KeyWish& wish, Entropy& entropy) {
  if (wish.hook.empty() && wish.secret.empty()) return HookSecret{};
  if (std::ranges::find(signing_hooks, wish.hook) == std::end(signing_hooks))
    return std::unexpected(
        Refusal{wish.hook.empty() ? std::string("a secret is of a hook")
                                  : fmt::format("there is no hook {} that signs", wish.hook),
                fmt::format("--hook {}; Kratos, Logto and Keycloak take a plain key", fmt::join(signing_hooks, ", "))});
  auto typed =
      wish.secret.empty() ? fresh_hook_secret(wish.hook, entropy) : std::expected<Secret, Refusal>(wish.secret);
  if (!typed) return std::unexpected(std::move(typed.error()));
  auto octets = read_hook_secret(wish.hook, typed->reveal());
  if (!octets) return std::unexpected(std::move(octets.error()));
  return HookSecret{std::move(*typed), std::move(*octets), wish.secret.empty()};
}

}  // namespace

void Directory::create_key(KeyWish wish, const KeyAsker& by, AdminDone<NewKey> done) {
  auto secret = secret_of(wish, entropy_);
  if (!secret) return refuse(loop_, std::move(secret.error()), std::move(done));
  if (!wish.hook.empty()) wish.scopes = static_cast<Scopes>(Scope::otp_send);
  if (!by.may_give(wish.scopes)) return refuse(loop_, only_by_operator(), std::move(done));
  for (const std::string& network : wish.networks) {
    if (parse_network(network)) continue;
    return refuse(loop_,
                  {fmt::format("{} is no network", network),
                   "such as 192.0.2.0/24 or 2001:db8::/32, no bits set behind the prefix"},
                  std::move(done));
  }
  if (wish.is_test && (wish.scopes & admin_scopes) != 0)
    return refuse(loop_, {"a test key manages nothing", "leave --test out, or the scopes admin:*"}, std::move(done));
  if (auto refusal = check_key_name(wish.name)) return refuse(loop_, std::move(*refusal), std::move(done));
  if (by.key && wish.networks.empty()) wish.networks = by.key->networks;
  if (wish.scopes == 0)
    return refuse(loop_, {"a key without a scope opens nothing", "such as --scope otp:send"}, std::move(done));
  if (wish.expires_in && *wish.expires_in <= Seconds{0})
    return refuse(loop_, {"a key can't expire in the past", "such as 90d"}, std::move(done));

  Secret text = fresh_key_text(wish.is_test);
  ApiKey wanted{.id = "key_" + random_text(entropy_, key_id_octets, key_id_characters),
                .hash = vault_.api_key_hash(text.reveal()),
                .test = wish.is_test,
                .scopes = wish.scopes,
                .networks = std::move(wish.networks),
                .created_at = loop_.wall_now(),
                .expires_at = {},
                .revoked_at = {},
                .hook = wish.hook,
                .secret_as = {},
                .secret_sealed = {},
                .name = std::move(wish.name)};
  if (!wish.hook.empty()) {
    entropy_.fill(wanted.secret_as.octets);  // Random, so that nothing else was ever sealed under it.
    wanted.secret_sealed = vault_.seal(wanted.secret_as, secret->octets.reveal());
  }
  if (wish.expires_in) wanted.expires_at = wanted.created_at + *wish.expires_in;
  if (auto wider = check_reach(by, wanted)) return refuse(loop_, std::move(*wider), std::move(done));
  decide<NewKey>(
      store_,
      [wanted = std::move(wanted), text = std::move(text), app_name = std::move(wish.app), by,
       secret = std::move(*secret)](Txn& txn) -> std::expected<NewKey, Refusal> {
        const auto app = stored_app(txn, app_name);
        if (!app || !by.may_touch(app->id)) return std::unexpected(no_such_app(txn, app_name));
        if (auto full = check_room(txn.api_keys(), app->id, {}, wanted.created_at))
          return std::unexpected(std::move(*full));
        ApiKey key = wanted;
        key.app = app->id;
        txn.put(key);
        return NewKey{std::move(key), text, secret.typed, secret.is_ours};
      },
      [this](const NewKey& made) {
        keep(made.key);
        log::info("key.created", "key={} test={}", made.key.id, made.key.test);
      },
      std::move(done));
}

void Directory::rotate_key(std::string id, Seconds grace, const KeyAsker& by, AdminDone<RotatedKey> done) {
  const auto known = std::ranges::find_if(keys_, [&](const auto& entry) { return entry.second.id == id; });
  const bool is_test = known != keys_.end() && known->second.test;
  Secret text = fresh_key_text(is_test);
  decide<RotatedKey>(
      store_,
      [id, grace, by, now = loop_.wall_now(), text, hash = vault_.api_key_hash(text.reveal()),
       fresh_id = "key_" + random_text(entropy_, key_id_octets, key_id_characters)](
          Txn& txn) -> std::expected<RotatedKey, Refusal> {
        auto keys = txn.api_keys();
        const auto old = std::ranges::find(keys, id, &ApiKey::id);
        if (old == keys.end() || !by.may_touch(old->app)) return std::unexpected(no_such_key(id));
        if (!by.may_give(old->scopes)) return std::unexpected(only_by_operator());
        if (!old->hook.empty())
          return std::unexpected(Refusal{"its auth server signs with a secret, which has its own way to be changed",
                                         "make another by `xionctl key create --hook`, then revoke this one"});
        if (has_ended(*old, now))
          return std::unexpected(
              Refusal{fmt::format("the key {} has ended already", id), "`xionctl key create` makes a new one"});
        if (auto full = check_room(keys, old->app, grace > Seconds{0} ? std::string_view{} : id, now))
          return std::unexpected(std::move(*full));
        ApiKey fresh = *old;
        fresh.id = fresh_id;
        fresh.hash = hash;
        fresh.created_at = now;
        // What was to live for 90 days does so again.
        if (old->expires_at) fresh.expires_at = now + (*old->expires_at - old->created_at);
        if (auto wider = check_reach(by, fresh)) return std::unexpected(std::move(*wider));
        old->expires_at = std::min(old->expires_at.value_or(WallTime::max()), now + grace);
        txn.put(*old);
        txn.put(fresh);
        return RotatedKey{{std::move(fresh), text}, *old->expires_at};
      },
      [this, id](const RotatedKey& made) {
        for (auto& [hash, key] : keys_) {
          if (key.id == id) key.expires_at = made.old_ends_at;
        }
        keys_.insert_or_assign(made.fresh.key.hash, made.fresh.key);
        log::info("key.rotated", "key={} replaces={}", made.fresh.key.id, id);
      },
      std::move(done));
}

void Directory::revoke_key(std::string id, const KeyAsker& by, AdminDone<ApiKey> done) {
  decide<ApiKey>(
      store_,
      [id = std::move(id), by, now = loop_.wall_now()](Txn& txn) -> std::expected<ApiKey, Refusal> {
        auto keys = txn.api_keys();
        const auto key = std::ranges::find(keys, id, &ApiKey::id);
        if (key == keys.end() || !by.may_touch(key->app)) return std::unexpected(no_such_key(id));
        if (!key->revoked_at) {
          key->revoked_at = now;
          txn.put(*key);
        }
        return std::move(*key);
      },
      [this](const ApiKey& key) {
        keys_.insert_or_assign(key.hash, key);
        log::info("key.revoked", "key={}", key.id);
      },
      std::move(done));
}

}  // namespace xion
