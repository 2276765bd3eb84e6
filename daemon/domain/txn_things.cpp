// The things that there are few of: apps, keys, lists, texts, passes, key rings, marks.
#include <algorithm>

#include "core/otp/marks.h"
#include "core/record_formats.h"
#include "domain/txn.h"

namespace xion {

std::vector<App> Txn::apps() { return all_things<App>(); }
void Txn::put(const App& app) { put_thing(app); }

/// Its keys, lists, texts, webhooks, marks and rows of wrong codes go with it: a key of no app could only be refused.
void Txn::remove_app(AppId id) {
  erase_thing<App>(BigEndian(id).view());
  const auto erase_all_of = [&]<Thing T>(const std::vector<T>& things) {
    for (const T& thing : things)
      if (thing.app == id) erase_thing<T>(ThingTraits<T>::key(thing));
  };
  for (const ApiKey& key : all_things<ApiKey>()) {
    if (key.app == id) records_.erase_thing(ThingKind::mark, std::string(key_used_prefix).append(key.id));
  }
  for (const std::string_view prefix : {first_verified_prefix, threshold_prefix, alerts_prefix})
    records_.erase_thing(ThingKind::mark, mark_of_app(prefix, id));
  erase_all_of(all_things<ApiKey>());
  erase_all_of(all_things<ListEntry>());
  erase_all_of(all_things<MessageTemplate>());
  for (const Webhook& webhook : webhooks())
    if (webhook.app == id) remove_webhook(webhook.id);
  erase_all_of(all_things<GuessRow>(BigEndian(id).view()));
}

std::vector<ApiKey> Txn::api_keys() { return all_things<ApiKey>(); }
void Txn::put(const ApiKey& key) { put_thing(key); }

AppId Txn::next_app_id() {
  const auto kept = records_.thing(ThingKind::mark, next_app_id_key);
  const AppId id = kept ? from_big_endian<AppId>(*kept) : 1;
  records_.put_thing(ThingKind::mark, next_app_id_key, BigEndian<AppId>(id + 1).view());
  return id;
}

std::vector<DashboardPass> Txn::dashboard_passes() { return all_things<DashboardPass>(); }
void Txn::put(const DashboardPass& pass) { put_thing(pass); }
bool Txn::remove_dashboard_pass(std::string_view id) { return erase_thing<DashboardPass>(id); }

std::vector<MessageTemplate> Txn::templates() { return all_things<MessageTemplate>(); }
void Txn::put(const MessageTemplate& text) { put_thing(text); }
bool Txn::remove(const MessageTemplate& text) { return erase_thing<MessageTemplate>(template_key(text)); }

void Txn::put(const ListEntry& entry) { put_thing(entry); }
std::optional<ListEntry> Txn::remove(const ListEntry& named) {
  const std::string key = list_key(named);
  const auto record = records_.thing(ThingKind::list_entry, key);
  if (!record || !erase_thing<ListEntry>(key)) return std::nullopt;
  // What can't be read any more is taken off all the same.
  return read_thing<ListEntry>(key, *record).value_or(named);
}

std::vector<ListEntry> Txn::list_entries(ListKind kind) {
  return all_things<ListEntry>(std::string(1, static_cast<char>(kind)));
}

std::optional<ListEntry> Txn::held_entry(ListKind kind, AppId app, ListSubject subject, std::string_view value,
                                         WallTime now) {
  const std::string key = list_key(kind, app, subject, value);
  const auto record = records_.thing(ThingKind::list_entry, key);
  auto entry = record ? read_thing<ListEntry>(key, *record) : std::nullopt;
  return entry && entry->holds(now) ? entry : std::nullopt;
}

/// The narrower subject wins; of one subject the app's own entry wins over that of all apps.
std::optional<ListEntry> Txn::listed(ListKind kind, AppId app, const ListedNumber& number, WallTime now) {
  const ListShape shape = records_.list_shape();
  if (!shape.has_any) return std::nullopt;
  const auto either = [&](ListSubject subject, std::string_view value) {
    auto entry = held_entry(kind, app, subject, value, now);
    return entry ? entry : held_entry(kind, 0, subject, value, now);
  };
  if (auto entry = either(ListSubject::phone, as_text(number.phone))) return entry;
  for (std::size_t length = number.e164.size(); length > 1; --length) {
    if (!shape.may_have_prefix_of(length)) continue;
    if (auto entry = either(ListSubject::prefix, number.e164.substr(0, length))) return entry;
  }
  if (!number.country.empty()) {
    if (auto entry = either(ListSubject::country, number.country)) return entry;
  }
  return either(ListSubject::everything, "");
}

GuessRow Txn::guesses(AppId app, const Fingerprint& phone) {
  const std::string key = guess_key(app, phone);
  const auto record = records_.thing(ThingKind::guesses, key);
  auto row = record ? read_thing<GuessRow>(key, *record) : std::nullopt;
  return row.value_or(GuessRow{app, phone, 0, {}});
}
void Txn::put(const GuessRow& row) { put_thing(row); }
void Txn::forget_guesses(AppId app, const Fingerprint& phone) { erase_thing<GuessRow>(guess_key(app, phone)); }

bool Txn::adopt(const Digest& check_value) {
  const auto kept = records_.thing(ThingKind::mark, check_value_key);
  if (kept) return *kept == as_text(check_value) || has_key_ring(check_value);
  records_.put_thing(ThingKind::mark, check_value_key, as_text(check_value));
  return true;
}

std::string Txn::note_formats() {
  const std::string kept = records_.thing(ThingKind::mark, formats_key).value_or("");
  if (std::string missed = out_of_reach(kept, formats_read()); !missed.empty()) return missed;
  if (const FormatLine newest = newest_of(kept, formats_written()); newest != kept)
    records_.put_thing(ThingKind::mark, formats_key, newest);
  return {};
}

bool Txn::end_import() {
  const auto import = records_.thing(ThingKind::mark, import_mark_key);
  if (import == import_done) records_.erase_thing(ThingKind::mark, import_mark_key);
  return import != import_begun;
}

void Txn::put_key_ring(const WrappedRing& ring) {
  records_.put_thing(ThingKind::mark, key_ring_key(ring.check_value), ring.octets);
}

void Txn::keep_key_ring(const WrappedRing& ring) {
  std::vector<std::string> kept;
  records_.scan_things(ThingKind::mark, key_ring_prefix, [&](std::string_view name, std::string_view) {
    kept.emplace_back(name);
    return true;
  });
  for (const std::string& name : kept) records_.erase_thing(ThingKind::mark, name);
  put_key_ring(ring);
  records_.put_thing(ThingKind::mark, check_value_key, as_text(ring.check_value));
}

bool Txn::has_key_ring(const Digest& check_value) { return key_ring(check_value).has_value(); }
std::optional<std::string> Txn::key_ring(const Digest& check_value) {
  return records_.thing(ThingKind::mark, key_ring_key(check_value));
}

std::optional<OtpId> Txn::id_mark(std::string_view name) {
  const auto kept = records_.thing(ThingKind::mark, name);
  if (!kept || kept->size() != OtpId::size) return std::nullopt;
  OtpId id;
  std::ranges::copy(as_octets(*kept), id.octets.begin());
  return id;
}

void Txn::set_id_mark(std::string_view name, const std::optional<OtpId>& id) {
  if (id)
    records_.put_thing(ThingKind::mark, name, as_text(id->octets));
  else
    records_.erase_thing(ThingKind::mark, name);
}

std::optional<OtpId> Txn::overdue_mark() { return id_mark(overdue_mark_key); }
void Txn::set_overdue_mark(const OtpId& id) { set_id_mark(overdue_mark_key, id); }
std::optional<OtpId> Txn::reseal_mark() { return id_mark(reseal_mark_key); }
void Txn::set_reseal_mark(const std::optional<OtpId>& id) { set_id_mark(reseal_mark_key, id); }

}  // namespace xion
