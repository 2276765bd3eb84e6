#include "app/owners/dashboard_access.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr std::size_t secret_octets = 25;  ///< 200 bits.
constexpr std::size_t secret_characters = 40;
constexpr std::size_t passes_at_most = 10'000;
constexpr std::size_t passes_of_an_app_at_most = 200;
constexpr std::size_t addresses_at_most = 10'000;
constexpr std::string_view invite_prefix = "xi_";
constexpr std::string_view session_prefix = "xs_";
constexpr std::string_view wall_prefix = "xw_";
constexpr Seconds enrol_within{900};

std::string lower_random(Entropy& entropy, std::size_t octets, std::size_t characters) {
  std::array<std::uint8_t, 32> random{};
  entropy.fill(std::span(random).first(octets));
  std::string text = crockford32(std::span(random).first(octets)).substr(0, characters);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool has_form(std::string_view secret, std::string_view prefix) {
  return secret.size() == prefix.size() + secret_characters && secret.starts_with(prefix);
}

/// What is over is taken out by whoever writes next.
void prune(Txn& txn, WallTime now) {
  for (const DashboardPass& pass : txn.dashboard_passes()) {
    if (pass.expires_at <= now) txn.remove_dashboard_pass(pass.id);
  }
}

enum class Kept : std::uint8_t { no_room, was_gone, yes };

/// Keeps one more, where there is room.
Kept keep_one_more(Txn& txn, const DashboardPass& pass) {
  prune(txn, pass.created_at);
  const auto all = txn.dashboard_passes();
  const auto of_app = static_cast<std::size_t>(std::ranges::count(all, pass.app, &DashboardPass::app));
  if (all.size() >= passes_at_most || of_app >= passes_of_an_app_at_most) return Kept::no_room;
  txn.put(pass);
  return Kept::yes;
}

struct Forms {
  std::string_view secret, id;
};
Forms forms_of(PassKind kind) {
  switch (kind) {
    case PassKind::invite: return {invite_prefix, "inv_"};
    case PassKind::session: return {session_prefix, "ses_"};
    case PassKind::wall: return {wall_prefix, "wal_"};
    case PassKind::passkey: return {{}, "psk_"};
  }
  return {};
}

}  // namespace

std::size_t DashboardAccess::DigestHash::operator()(const Digest& digest) const {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);  // A keyed hash already.
  return hash;
}

void DashboardAccess::load(std::move_only_function<void(bool)> done) {
  run_task(
      store_, [](Txn& txn) { return txn.dashboard_passes(); },
      [this, done = std::move(done)](Commit commit, std::vector<DashboardPass>& found) mutable {
        if (commit == Commit::durable) forget_all_but(found);
        for (const DashboardPass& pass : found)
          if (!passes_.contains(pass.hash)) keep(pass);
        done(commit == Commit::durable);
      });
}

/// A session that stays keeps its rate.
void DashboardAccess::forget_all_but(const std::vector<DashboardPass>& passes) {
  std::unordered_set<Digest, DigestHash> kept;
  for (const DashboardPass& pass : passes) kept.insert(pass.hash);
  std::erase_if(passes_, [&](const auto& known) { return !kept.contains(known.first); });
}

const std::shared_ptr<DashboardSession>& DashboardAccess::keep(const DashboardPass& pass) {
  std::erase_if(passes_, [now = loop_.wall_now()](const auto& known) { return known.second->pass.expires_at <= now; });
  return passes_.insert_or_assign(pass.hash, std::make_shared<DashboardSession>(pass)).first->second;
}

void DashboardAccess::forget(std::string_view id) {
  std::erase_if(passes_, [id](const auto& known) { return known.second->pass.id == id; });
}

NewPass DashboardAccess::fresh(PassKind kind, const InviteWish& wish) {
  const Forms forms = forms_of(kind);
  NewPass made;
  made.secret = Secret(std::string(forms.secret) + lower_random(entropy_, secret_octets, secret_characters));
  made.pass.id = std::string(forms.id) + lower_random(entropy_, 7, 10);
  made.pass.kind = kind;
  made.pass.role = wish.role;
  made.pass.app = wish.app;
  made.pass.person = wish.person;
  made.pass.hash = vault_.api_key_hash(made.secret.reveal());
  made.pass.created_at = loop_.wall_now();
  made.pass.expires_at =
      made.pass.created_at + (kind == PassKind::session ? std::min(lives_.idle, lives_.most) : wish.life);
  return made;
}

void DashboardAccess::invite(InviteWish wish, AdminDone<NewPass> done) {
  add(fresh(PassKind::invite, wish), std::move(done));
}

void DashboardAccess::hang_wall(InviteWish wish, AdminDone<NewPass> done) {
  wish.role = DashboardRole::viewer;
  add(fresh(PassKind::wall, wish), std::move(done));
}

void DashboardAccess::add(NewPass made, AdminDone<NewPass> done) {
  run_task(
      store_, [pass = made.pass](Txn& txn) { return keep_one_more(txn, pass); },
      [this, made, done = std::move(done)](Commit commit, Kept& kept) mutable {
        if (commit == Commit::failed)
          return done(
              std::unexpected(Refusal{"the store could not keep it; nothing was changed", "see `xionctl status`"}));
        if (kept == Kept::no_room)
          return done(std::unexpected(Refusal{
              fmt::format("there are {} sessions and links, which is all there may be", passes_of_an_app_at_most),
              "`xionctl dashboard revoke` ends some"}));
        keep(made.pass);
        log::info("dashboard.invited", "id={} app={} role={}", made.pass.id, made.pass.app, to_string(made.pass.role));
        done(std::move(made));
      });
}

void DashboardAccess::admit(InviteWish wish, std::string address,
                            std::move_only_function<void(std::expected<NewPass, SignInError>)> done) {
  NewPass made = fresh(PassKind::session, wish);
  made.pass.address = std::move(address);
  run_task(
      store_, [pass = made.pass](Txn& txn) { return keep_one_more(txn, pass); },
      [this, made, done = std::move(done)](Commit commit, Kept& kept) mutable {
        if (commit == Commit::failed) return done(std::unexpected(SignInError::store_failed));
        if (kept == Kept::no_room) return done(std::unexpected(SignInError::no_room));
        keep(made.pass);
        log::info("dashboard.signed_in", "id={} invite={} role={} address={}", made.pass.id, "oidc",
                  to_string(made.pass.role), made.pass.address);
        done(std::move(made));
      });
}

/// Ids of passkeys are whatever a browser says: none becomes the name of a link or a session.
Digest DashboardAccess::passkey_hash(std::string_view credential) const {
  return vault_.api_key_hash(fmt::format("passkey {}", credential));
}

bool DashboardAccess::may_enrol(const DashboardSession& session) const {
  return session.is_first_hand && !session.pass.person.empty() &&
         loop_.wall_now() - session.pass.created_at <= enrol_within;
}

void DashboardAccess::enrol(const DashboardPass& session, const NewPasskey& passkey, AdminDone<DashboardPass> done) {
  NewPass made = fresh(PassKind::passkey, {session.app, session.role, session.person, passkey_life});
  made.pass.hash = passkey_hash(passkey.credential);
  made.pass.public_key = passkey.public_key;
  made.pass.sign_count = passkey.sign_count;
  if (passes_.contains(made.pass.hash)) return done(std::unexpected(Refusal{"this passkey is known already", ""}));
  run_task(
      store_, [pass = made.pass](Txn& txn) { return keep_one_more(txn, pass); },
      [this, pass = made.pass, session_id = session.id, done = std::move(done)](Commit commit, Kept& kept) mutable {
        if (commit == Commit::failed) return done(std::unexpected(Refusal{"the store could not keep it", ""}));
        if (kept == Kept::no_room) return done(std::unexpected(Refusal{"there are as many as there may be", ""}));
        keep(pass);
        log::info("dashboard.passkey.made", "id={} session={} role={}", pass.id, session_id, to_string(pass.role));
        done(std::move(pass));
      });
}

std::optional<DashboardPass> DashboardAccess::passkey(std::string_view credential) const {
  const auto found = passes_.find(passkey_hash(credential));
  if (found == passes_.end() || found->second->pass.expires_at <= loop_.wall_now()) return std::nullopt;
  const DashboardPass& pass = found->second->pass;
  if (pass.app != 0 && directory_.app(pass.app) == nullptr) return std::nullopt;
  return pass;
}

bool DashboardAccess::has_passkeys() const {
  return std::ranges::any_of(passes_, [](const auto& one) { return one.second->pass.kind == PassKind::passkey; });
}

void DashboardAccess::enter_by(const DashboardPass& passkey, std::uint32_t sign_count, std::string address,
                               std::move_only_function<void(std::expected<NewPass, SignInError>)> done) {
  NewPass made = fresh(PassKind::session, {passkey.app, passkey.role, passkey.person});
  made.pass.address = std::move(address);
  DashboardPass used = passkey;
  used.sign_count = sign_count;
  used.address = made.pass.address;
  used.expires_at = made.pass.created_at + passkey_life;
  run_task(
      store_,
      [used, pass = made.pass](Txn& txn) -> std::optional<SignInError> {
        const auto all = txn.dashboard_passes();
        const auto before = std::ranges::find(all, used.id, &DashboardPass::id);
        if (before == all.end()) return SignInError::unknown_invite;
        if (!may_be_the_same(before->sign_count, used.sign_count)) return SignInError::cloned;
        if (keep_one_more(txn, pass) == Kept::no_room) return SignInError::no_room;
        txn.put(used);
        return std::nullopt;
      },
      [this, used, made, done = std::move(done)](Commit commit, std::optional<SignInError>& trouble) mutable {
        if (commit == Commit::failed) return done(std::unexpected(SignInError::store_failed));
        if (trouble == SignInError::cloned)
          log::warning("dashboard.passkey.cloned", "id={} address={}", used.id, made.pass.address);
        if (trouble) return done(std::unexpected(*trouble));
        keep(used);
        keep(made.pass)->is_first_hand = true;
        log::info("dashboard.signed_in", "id={} invite={} role={} address={}", made.pass.id, used.id,
                  to_string(made.pass.role), made.pass.address);
        done(std::move(made));
      });
}

void DashboardAccess::set_lives(const Settings& settings) {
  lives_ = {.idle = settings.session_idle, .most = std::chrono::days{settings.session_days}};
}

void DashboardAccess::note_use(const std::shared_ptr<DashboardSession>& session, const HttpExchange& exchange) {
  if (session->is_being_prolonged || exchange.header("X-XionID-Unattended")) return;
  const auto end = longer_life(session->pass, lives_, loop_.wall_now());
  if (!end) return;
  session->is_being_prolonged = true;
  DashboardPass longer = session->pass;
  longer.expires_at = *end;
  run_task(
      store_,
      [longer](Txn& txn) {
        // Who was signed out meanwhile stays out.
        if (!txn.remove_dashboard_pass(longer.id)) return false;
        txn.put(longer);
        return true;
      },
      [session, end](Commit commit, bool& was_there) {
        session->is_being_prolonged = false;
        if (commit == Commit::durable && was_there) session->pass.expires_at = *end;
      });
}

bool DashboardAccess::note_failed_try(const std::string& address) {
  if (tries_.size() >= addresses_at_most) tries_.clear();
  if (!tries_.try_emplace(address, 1.0 / 6, 10.0).first->second.take(loop_.now())) return false;
  log::warning("dashboard.sign_in.refused", "address={}", address);
  return true;
}

void DashboardAccess::sign_in(std::string_view secret, std::string address,
                              std::move_only_function<void(std::expected<NewPass, SignInError>)> done) {
  const WallTime now = loop_.wall_now();
  const bool has_its_form = has_form(secret, invite_prefix) || has_form(secret, wall_prefix);
  const auto found = has_its_form ? passes_.find(vault_.api_key_hash(secret)) : passes_.end();
  if (found == passes_.end() || found->second->pass.kind == PassKind::session ||
      found->second->pass.expires_at <= now) {
    const bool is_one_of_few = note_failed_try(address);
    return done(std::unexpected(is_one_of_few ? SignInError::unknown_invite : SignInError::too_many_tries));
  }
  if (found->second->pass.kind == PassKind::wall) {
    log::info("dashboard.wall", "id={} address={}", found->second->pass.id, address);
    return done(NewPass{found->second->pass, Secret(std::string(secret))});
  }
  const DashboardPass invite = found->second->pass;
  NewPass made = fresh(PassKind::session, {invite.app, invite.role, invite.person});
  made.pass.address = std::move(address);
  run_task(
      store_,
      [invite_id = invite.id, pass = made.pass](Txn& txn) {
        // Of two that come at once with one link, the store lets one in.
        if (!txn.remove_dashboard_pass(invite_id)) return Kept::was_gone;
        prune(txn, pass.created_at);
        txn.put(pass);
        return Kept::yes;
      },
      [this, made, invite_id = invite.id, done = std::move(done)](Commit commit, Kept& kept) mutable {
        if (commit == Commit::failed) return done(std::unexpected(SignInError::store_failed));
        forget(invite_id);
        if (kept != Kept::yes) return done(std::unexpected(SignInError::unknown_invite));
        keep(made.pass)->is_first_hand = true;
        log::info("dashboard.signed_in", "id={} invite={} role={} address={}", made.pass.id, invite_id,
                  to_string(made.pass.role), made.pass.address);
        done(std::move(made));
      });
}

void DashboardAccess::revoke(std::function<bool(const DashboardPass&)> which,
                             std::move_only_function<void(std::optional<std::size_t>)> done) {
  std::vector<std::string> ids;
  for (const DashboardPass& pass : passes()) {
    if (which(pass)) ids.push_back(pass.id);
  }
  run_task(
      store_,
      [ids](Txn& txn) {
        for (const std::string& id : ids) txn.remove_dashboard_pass(id);
        return true;
      },
      [this, ids, done = std::move(done)](Commit commit, bool&) mutable {
        if (commit == Commit::failed) return done(std::nullopt);
        for (const std::string& id : ids) {
          forget(id);
          log::info("dashboard.revoked", "id={}", id);
        }
        done(ids.size());
      });
}

std::optional<std::string_view> DashboardAccess::cookie(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const auto end = cookies.find(';');
    auto one = cookies.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
      return one.substr(name.size() + 1);
    if (end == std::string_view::npos) break;
    cookies.remove_prefix(end + 1);
  }
  return std::nullopt;
}

std::optional<std::string_view> DashboardAccess::secret(const HttpExchange& exchange, const Settings& settings) {
  const auto cookies = exchange.header("Cookie");
  const auto secret = cookies ? cookie(*cookies, cookie_name(settings)) : std::nullopt;
  const bool has_its_form = secret && (has_form(*secret, session_prefix) || has_form(*secret, wall_prefix));
  return has_its_form ? secret : std::nullopt;
}

std::shared_ptr<DashboardSession> DashboardAccess::session(const HttpExchange& exchange,
                                                           const Settings& settings) const {
  const auto secret = DashboardAccess::secret(exchange, settings);
  if (!secret) return nullptr;
  const auto found = passes_.find(vault_.api_key_hash(*secret));
  if (found == passes_.end()) return nullptr;
  const DashboardPass& pass = found->second->pass;
  if (pass.kind == PassKind::invite || pass.kind == PassKind::passkey || pass.expires_at <= loop_.wall_now())
    return nullptr;
  if (pass.app != 0 && directory_.app(pass.app) == nullptr) return nullptr;
  return found->second;
}

std::vector<DashboardPass> DashboardAccess::passes() const {
  std::vector<DashboardPass> all;
  for (const auto& [hash, known] : passes_) {
    if (known->pass.expires_at > loop_.wall_now()) all.push_back(known->pass);
  }
  std::ranges::sort(all, [](const DashboardPass& a, const DashboardPass& b) {
    return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
  });
  return all;
}

bool DashboardAccess::is_from_own_page(const HttpExchange& exchange) {
  if (exchange.header("X-Requested-With").value_or("") != "XionID") return false;
  if (const auto site = exchange.header("Sec-Fetch-Site"); site && *site != "same-origin") return false;
  const auto origin = exchange.header("Origin");
  if (!origin) return true;
  const auto scheme = origin->find("://");
  return scheme != std::string_view::npos && origin->substr(scheme + 3) == exchange.header("Host").value_or("");
}

}  // namespace xion
