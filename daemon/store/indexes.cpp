#include "store/indexes.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <span>

#include "base/octets.h"
#include "core/otp/delivery_rules.h"
#include "store/engine_marks.h"

namespace xion {
namespace {

/// Of several requests under one name so many of the newest are looked at: older ones may have been pruned.
constexpr std::size_t candidates = messages_of_an_id;

/// Tells two events of one subject in one millisecond apart: the random octets of the id, and which message.
std::uint32_t identity_of(const OtpId& id, std::size_t message) {
  std::uint32_t random = 0;
  std::memcpy(&random, id.octets.data() + OtpId::size - sizeof random, sizeof random);
  return random ^ (static_cast<std::uint32_t>(message) * 0x9E3779B9U);
}

std::uint32_t first_octets(const Fingerprint& phone) {
  std::uint32_t octets = 0;
  std::memcpy(&octets, phone.data(), sizeof octets);
  return octets;
}

/// The finaliser of splitmix64.
std::uint64_t spread(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

/// Names of different kinds are none of each other's business.
std::uint64_t name_for(RunKind kind, std::span<const std::uint8_t> hash, std::uint64_t whose = 0) {
  std::uint64_t first = 0;
  std::memcpy(&first, hash.data(), sizeof first);
  return spread(first ^ spread(static_cast<std::uint64_t>(kind) << 56 ^ whose));
}
/// Subjects are keyed hashes already, so that their first octets are as good as random.
std::uint64_t name_for(const HistoryKey& key) {
  return name_for(RunKind::event, key.subject, (static_cast<std::uint64_t>(key.kind) + 1) << 32 | key.app);
}
std::uint64_t name_of_busy(std::int32_t day) {
  return spread(static_cast<std::uint64_t>(RunKind::busy) << 56 ^ static_cast<std::uint32_t>(day));
}

/// An id is its moment, which is the entry's, and 39 random bits.
constexpr unsigned random_bits = 39;
constexpr std::uint64_t random_mask = (std::uint64_t{1} << random_bits) - 1;
std::uint64_t random_of(const OtpId& id) {
  return from_big_endian<std::uint64_t>(as_text(id.octets).substr(OtpId::size - sizeof(std::uint64_t))) & random_mask;
}
OtpId id_of(WallTime at, std::uint64_t random) {
  OtpId id = first_otp_id_at(at);
  for (std::size_t i = OtpId::size; i-- > OtpId::size - 5; random >>= 8)
    id.octets[i] = static_cast<std::uint8_t>(id.octets[i] | (random & 0xFF));
  return id;
}

/// Of a row's id: its number within its millisecond, which is the entry's.
constexpr RowId row_count_mask = 0xFFFF;

constexpr std::uint64_t life_mask = (std::uint64_t{1} << (64 - random_bits)) - 1;
/// For how many milliseconds it lived: an hour at most.
std::uint64_t masked_life(const Otp& otp) {
  const auto life = (otp.ended_at.value_or(otp.created_at) - made_at(otp.id)).count();
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(life, 0, life_mask));
}

std::uint64_t value_of(const SubmissionRef& ref) {
  return random_of(ref.otp) << 24 | std::uint64_t{ref.message} << 16 | std::uint64_t{ref.submission} << 8 | ref.segment;
}
SubmissionRef ref_of(const RunEntry& entry) {
  return {id_of(entry.at(), entry.value >> 24 & random_mask), static_cast<std::uint8_t>(entry.value >> 16),
          static_cast<std::uint8_t>(entry.value >> 8), static_cast<std::uint8_t>(entry.value)};
}

}  // namespace

Indexes::PackedTime Indexes::pack(WallTime at) {
  PackedTime packed;
  auto millis = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_millis(at), 0));
  for (std::size_t i = packed.size(); i-- > 0; millis >>= 8) packed[i] = static_cast<std::uint8_t>(millis & 0xFF);
  return packed;
}

WallTime Indexes::unpack(const PackedTime& at) {
  return wall_time(static_cast<std::int64_t>(from_big_endian<std::uint64_t>(as_text(at))));
}

Hash128 Indexes::name_of(AppId app, const Fingerprint& phone, std::string_view purpose) const {
  hashed_.clear();
  OctetWriter out(hashed_);
  out.varint(app);
  out.raw(as_text(phone));
  out.raw(purpose);
  return hash_(hashed_);
}

Hash128 Indexes::name_of(std::string_view carrier, std::string_view smsc_message_id) const {
  hashed_.clear();
  OctetWriter out(hashed_);
  out.text(carrier);
  // As smpp::canonical_message_id spells it: carriers change the case and drop zeros between response and receipt.
  const std::size_t first = smsc_message_id.find_first_not_of('0');
  if (first != std::string_view::npos) {
    for (const char c : smsc_message_id.substr(first))
      hashed_.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
  }
  return hash_(hashed_);
}

void Indexes::prepare(Kv& kv) {
  const SipHash::Key key = SipHash::random_key();
  kv.put(Table::meta, index_key_name, {reinterpret_cast<const char*>(key.data()), sizeof key});
}

void Indexes::load() {
  clear();
  const auto kept = kv_.get(Table::meta, index_key_name);
  SipHash::Key key{};
  if (kept && kept->size() == sizeof key) std::memcpy(key.data(), kept->data(), sizeof key);
  hash_ = SipHash(key);
  runs_.load();
  for (const Day day : {day_of(now_) - 1, day_of(now_)})
    for (const std::uint64_t name : ledger_.busy(day)) traffic_.restore_busy(day, name);
}

void Indexes::advance(WallTime now) {
  now_ = now;
  runs_.begin(now);
  seen_.reset();
}

void Indexes::clear() {
  live_ = {};
  expiry_.clear();
  outbox_.clear();
  unsettled_.clear();
  seen_.reset();
  runs_.clear();
  listed_.clear();
  listed_prefix_lengths_ = 0;
  traffic_.clear();
  parked_.clear();
  parked_of_.clear();
  webhooks_.clear();
  last_row_ = 0;
}

void Indexes::set(const Otp& otp) {
  const bool was_seen = seen_ && seen_->otp == otp.id;
  const auto standing = standing_of(otp);
  if (!was_seen || !standing || standing != seen_->standing) {
    if (was_seen && seen_->standing && seen_->standing->expires_at != otp.expires_at)
      drop_deadlines(otp, seen_->standing->expires_at);  // A rotation may give its code a life of its own.
    set_key(otp, false);
    set_deadlines(otp, false);
  }
  if (!unsettled_.empty()) set_unsettled(otp, WallTime::min());
  Entries entries = entries_of(otp);
  for (const RunEntry& entry : entries)
    if (!was_seen || std::ranges::find(seen_->entries, entry) == seen_->entries.end()) runs_.add(entry);
  seen_ = {otp.id, standing, std::move(entries)};
}

void Indexes::restore(const Otp& otp, WallTime opened_at) {
  set_key(otp, true);
  set_deadlines(otp, true);
  set_unsettled(otp, opened_at);
}

std::optional<Indexes::Standing> Indexes::standing_of(const Otp& otp) {
  Standing standing{otp.status, otp.expires_at, 0};
  if (otp.messages.size() > std::numeric_limits<std::uint64_t>::digits) return std::nullopt;
  for (std::size_t i = 0; i < otp.messages.size(); ++i)
    standing.queued |= std::uint64_t{otp.messages[i].state == MessageState::queued} << i;
  return standing;
}

/// All that a record is looked up by for longer than it is going on.
Indexes::Entries Indexes::entries_of(const Otp& otp) const {
  Entries entries;
  if (otp.status != OtpStatus::pending) {
    // What was blocked never had a code: it is the latest of those that were blocked alike.
    const std::string purpose = otp.status == OtpStatus::blocked ? purpose_of_refusals(otp.reason) : otp.purpose;
    entries.push_back(RunEntry::of(name_for(RunKind::ended, name_of(otp.app, otp.phone, purpose).octets),
                                   RunKind::ended, made_at(otp.id),
                                   random_of(otp.id) << (64 - random_bits) | masked_life(otp)));
  }
  if (otp.test) return entries;
  const std::uint32_t tag = first_octets(otp.phone);
  const auto add_event = [&](HistoryKind kind, const Fingerprint& subject, WallTime at, std::size_t message,
                             std::optional<AppId> whose = {}) {
    entries.push_back(RunEntry::of(name_for({kind, whose.value_or(otp.app), subject}), RunKind::event, at,
                                   std::uint64_t{tag} << 32 | identity_of(otp.id, message)));
  };
  if (otp.status == OtpStatus::locked)
    add_event(HistoryKind::locks_of_phone, otp.phone, otp.ended_at.value_or(otp.created_at), 0);
  for (std::size_t m = 0; m < otp.messages.size(); ++m) {
    const Message& message = otp.messages[m];
    add_event(HistoryKind::sends_of_phone, otp.phone, message.queued_at, m);
    add_event(HistoryKind::sends_of_phone_overall, otp.phone, message.queued_at, m, 0);
    if (const auto& address = address_of(otp, message))
      add_event(HistoryKind::sends_of_user_ip, *address, message.queued_at, m);
    for (std::size_t s = 0; s < message.submissions.size(); ++s) {
      const Submission& submission = message.submissions[s];
      for (std::size_t g = 0; g < submission.segments.size(); ++g) {
        const std::string& carriers_id = submission.segments[g].smsc_message_id;
        if (carriers_id.empty()) continue;
        const SubmissionRef ref{otp.id, static_cast<std::uint8_t>(m), static_cast<std::uint8_t>(s),
                                static_cast<std::uint8_t>(g)};
        entries.push_back(RunEntry::of(name_for(RunKind::submission, name_of(submission.carrier, carriers_id).octets),
                                       RunKind::submission, made_at(otp.id), value_of(ref)));
      }
    }
  }
  return entries;
}

/// `is_new`, here and below: the log is being read, oldest first. Nothing is known of the request yet, and what is
/// known by the same names is older.
void Indexes::set_key(const Otp& otp, bool is_new) {
  if (otp.status == OtpStatus::blocked) return;  // never had a code
  const Hash128 key = name_of(otp.app, otp.phone, otp.purpose);
  if (otp.status == OtpStatus::pending) {
    const auto [at, is_first] = live_.try_emplace(key, otp.id);
    if (!is_first && at->second < otp.id) at->second = otp.id;
    return;
  }
  if (is_new) return;
  if (const auto at = live_.find(key); at != live_.end() && at->second == otp.id) live_.erase(at);
}

void Indexes::drop_deadlines(const Otp& otp, WallTime expires_at) {
  Deadline deadline{pack(expires_at), otp.id, 0};
  expiry_.erase(deadline);
  for (std::size_t i = 0; i < otp.messages.size(); ++i) {
    deadline.message = static_cast<std::uint8_t>(i);
    outbox_.erase(deadline);
  }
}

void Indexes::set_deadlines(const Otp& otp, bool is_new) {
  const bool is_pending = otp.status == OtpStatus::pending;
  if (is_new && !is_pending) return;  // Most of a log that is read at start.
  Deadline deadline{pack(otp.expires_at), otp.id, 0};
  if (is_pending)
    expiry_.insert(deadline);
  else
    expiry_.erase(deadline);
  for (std::size_t i = 0; i < otp.messages.size(); ++i) {
    deadline.message = static_cast<std::uint8_t>(i);
    if (is_pending && !otp.test && otp.messages[i].state == MessageState::queued)
      outbox_.insert(deadline);
    else
      outbox_.erase(deadline);
  }
}

void Indexes::set_unsettled(const Otp& otp, WallTime opened_at) {
  for (std::size_t i = 0; i < otp.messages.size(); ++i) {
    const Message& message = otp.messages[i];
    const std::pair name(otp.id, static_cast<std::uint8_t>(i));
    const bool is_unsettled = !otp.test && !message.submissions.empty() &&
                              (message.state == MessageState::submitting ||
                               (message.state == MessageState::unknown && otp.status == OtpStatus::pending));
    if (!is_unsettled)
      unsettled_.erase(name);
    else if (message.submissions.back().at <= opened_at)
      unsettled_[name] = static_cast<std::uint8_t>(message.submissions.size() - 1);
  }
}

/// What the run index has of it stays until it is over: who finds it there sees that it is not in the log.
void Indexes::remove(const Otp& otp) {
  const Hash128 key = name_of(otp.app, otp.phone, otp.purpose);
  if (const auto at = live_.find(key); at != live_.end() && at->second == otp.id) live_.erase(at);
  Deadline deadline{pack(otp.expires_at), otp.id, 0};
  expiry_.erase(deadline);
  for (std::size_t i = 0; i < otp.messages.size(); ++i) {
    deadline.message = static_cast<std::uint8_t>(i);
    outbox_.erase(deadline);
    unsettled_.erase({otp.id, deadline.message});
  }
}

std::optional<OtpId> Indexes::live(const LiveKey& key) const {
  const auto at = live_.find(name_of(key.app, key.phone, key.purpose));
  if (at == live_.end()) return std::nullopt;
  return at->second;
}

std::optional<OtpId> Indexes::latest(const LiveKey& key) const {
  const Hash128 name = name_of(key.app, key.phone, key.purpose);
  std::optional<OtpId> newest;
  if (const auto at = live_.find(name); at != live_.end()) newest = at->second;
  found_.clear();
  runs_.collect(name_for(RunKind::ended, name.octets), RunKind::ended, WallTime::min(), candidates, found_);
  for (const RunEntry& entry : found_) {
    const OtpId id = id_of(entry.at(), entry.value >> (64 - random_bits));
    if (newest && id <= *newest) break;
    if (entry.at() + Millis{entry.value & life_mask} < now_ - latest_kept || !is_in_log(id)) continue;
    newest = id;
    break;
  }
  return newest;
}

bool Indexes::is_in_log(const OtpId& id) const { return kv_.get(Table::otps, as_text(id.octets)).has_value(); }

std::vector<OtpId> Indexes::expiring(WallTime until, std::size_t limit) const {
  const PackedTime last = pack(until);
  std::vector<OtpId> ids;
  for (auto at = expiry_.begin(); at != expiry_.end() && ids.size() < limit && at->at <= last; ++at)
    ids.push_back(at->otp);
  return ids;
}

std::vector<OutboxEntry> Indexes::outbox(std::size_t limit) const {
  std::vector<OutboxEntry> entries;
  for (auto at = outbox_.begin(); at != outbox_.end() && entries.size() < limit; ++at)
    entries.push_back({at->otp, at->message, unpack(at->at)});
  return entries;
}

std::vector<SubmissionRef> Indexes::unsettled(std::size_t limit) const {
  std::vector<SubmissionRef> refs;
  for (auto at = unsettled_.begin(); at != unsettled_.end() && refs.size() < limit; ++at)
    refs.push_back({at->first.first, at->first.second, at->second, 0});
  return refs;
}

std::vector<SubmissionRef> Indexes::submissions(std::string_view carrier, std::string_view smsc_message_id) const {
  found_.clear();
  runs_.collect(name_for(RunKind::submission, name_of(carrier, smsc_message_id).octets), RunKind::submission,
                WallTime::min(), candidates, found_);
  std::vector<SubmissionRef> refs;
  for (const RunEntry& entry : found_) {
    const SubmissionRef ref = ref_of(entry);
    if (std::ranges::find(refs, ref) == refs.end() && is_in_log(ref.otp)) refs.push_back(ref);
  }
  std::ranges::stable_sort(refs, std::ranges::greater{}, &SubmissionRef::otp);
  return refs;
}

std::vector<HistoryEntry> Indexes::history(const HistoryKey& key, WallTime since) const {
  found_.clear();
  runs_.collect(name_for(key), RunKind::event, since, events_at_most, found_);
  std::vector<HistoryEntry> events;
  events.reserve(found_.size());
  for (const RunEntry& entry : found_) events.push_back({entry.at(), static_cast<std::uint32_t>(entry.value >> 32)});
  return events;
}

void Indexes::set_listed(std::string key) {
  constexpr std::size_t head = 6;  // kind, app, subject
  if (key.size() > head && key[head - 1] == static_cast<char>(ListSubject::prefix))
    listed_prefix_lengths_ |= std::uint32_t{1} << std::min<std::size_t>(key.size() - head, 31);
  listed_.insert(std::move(key));
}

void Indexes::note_by_hand(const HistoryKey& key, HistoryEntry entry, RowId row) {
  runs_.add(RunEntry::of(name_for(key), RunKind::event, entry.at,
                         std::uint64_t{entry.tag} << 32 | static_cast<std::uint32_t>(row)));
}

void Indexes::park(const StoredReceipt& receipt, RowId row) {
  for (const std::string* id : {&receipt.smsc_message_id, &receipt.other_id})
    if (!id->empty()) parked_.emplace(name_of(receipt.carrier, *id), row);
  ++parked_of_[receipt.carrier];
}

std::size_t Indexes::parked_of(std::string_view carrier) const {
  const auto at = parked_of_.find(carrier);
  return at == parked_of_.end() ? 0 : at->second;
}

std::vector<RowId> Indexes::parked(std::string_view carrier, std::string_view smsc_message_id) const {
  std::vector<RowId> rows;
  const Hash128 name = name_of(carrier, smsc_message_id);
  for (auto at = parked_.lower_bound({name, 0}); at != parked_.end() && at->first == name; ++at)
    rows.push_back(at->second);
  return rows;
}

void Indexes::unpark(const StoredReceipt& receipt, RowId row) {
  for (const std::string* id : {&receipt.smsc_message_id, &receipt.other_id})
    if (!id->empty()) parked_.erase({name_of(receipt.carrier, *id), row});
  const auto at = parked_of_.find(receipt.carrier);
  if (at != parked_of_.end() && --at->second == 0) parked_of_.erase(at);
}

void Indexes::set_answer(const Digest& key, RowId row) {
  runs_.add(RunEntry::of(name_for(RunKind::answer, key), RunKind::answer, made_at(row), row & row_count_mask));
}

std::optional<RowId> Indexes::answer(const Digest& key) const {
  found_.clear();
  runs_.collect(name_for(RunKind::answer, key), RunKind::answer, WallTime::min(), 1, found_);
  if (found_.empty()) return std::nullopt;
  return first_row_at(found_.front().at()) | found_.front().value;
}

RowId Indexes::next_row(WallTime at) { return last_row_ = next_row_id(last_row_, at, only_node); }

void Indexes::Ledger::read(std::uint64_t name, std::vector<TrafficSlot>& slots) {
  found_.clear();
  runs_.collect(name, RunKind::traffic, WallTime::min(), std::numeric_limits<std::size_t>::max(), found_);
  for (const RunEntry& entry : found_) {
    const RunSums sums = RunSums::of(entry.value);
    const auto millis = entry.at().time_since_epoch();
    // The country stands where the milliseconds of the slot would.
    slots.push_back({static_cast<std::uint32_t>(millis / TrafficSlot::length),
                     static_cast<std::uint16_t>((millis % TrafficSlot::length) / Millis{1}), sums.first, sums.second});
  }
}

void Indexes::Ledger::add(std::uint64_t name, const TrafficSlot& more) {
  runs_.add(RunEntry::of(name, RunKind::traffic, more.begin() + Millis{more.country},
                         RunSums{more.unverified, more.verified}.value()));
}

void Indexes::Ledger::note_busy(std::int32_t day, std::uint64_t name) {
  runs_.add(RunEntry::of(name_of_busy(day), RunKind::busy, WallTime{std::chrono::days{day}}, name));
}

std::vector<std::uint64_t> Indexes::Ledger::busy(std::int32_t day) const {
  std::vector<RunEntry> found;
  runs_.collect(name_of_busy(day), RunKind::busy, WallTime::min(), std::numeric_limits<std::size_t>::max(), found);
  std::vector<std::uint64_t> names;
  for (const RunEntry& entry : found) names.push_back(entry.value);
  return names;
}

}  // namespace xion
