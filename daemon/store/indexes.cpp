#include "store/indexes.h"

#include <algorithm>
#include <cstring>

#include "base/octets.h"

namespace xion {
namespace {

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

/// A keyed hash is cut, not hashed again.
Hash128 Indexes::name_of(const Digest& key) {
  Hash128 name;
  std::copy_n(key.begin(), name.octets.size(), name.octets.begin());
  return name;
}

void Indexes::advance(WallTime now) {
  now_ = now;
  ended_.forget(now - latest_kept);
  submissions_.forget(now - submission_kept);
  ended_submissions_.forget(now - submission_kept);
  answers_.forget(now - answer_kept);
  history_.forget(now);
  noted_.forget(now);
}

void Indexes::clear() {
  live_ = {};
  ended_.clear();
  expiry_.clear();
  outbox_.clear();
  unsettled_.clear();
  submissions_.clear();
  ended_submissions_.clear();
  history_.clear();
  noted_.clear();
  listed_.clear();
  listed_prefix_lengths_ = 0;
  traffic_.clear();
  parked_.clear();
  answers_.clear();
  webhooks_.clear();
  last_row_ = 0;
}

void Indexes::set(const Otp& otp) {
  set_all(otp, false);
  if (!unsettled_.empty()) set_unsettled(otp, WallTime::min());
}

void Indexes::restore(const Otp& otp, WallTime opened_at) {
  set_all(otp, true);
  set_unsettled(otp, opened_at);
  traffic_.restore(otp);
}

void Indexes::set_all(const Otp& otp, bool is_new) {
  set_key(otp, is_new);
  set_deadlines(otp, is_new);
  if (otp.test) return;
  set_submissions(otp, is_new);
  set_history(otp, is_new);
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
  const WallTime ended_at = otp.ended_at.value_or(otp.created_at);
  const Ended ended{otp.id, pack(ended_at)};
  if (is_new) {
    if (ended_at >= now_ - latest_kept) ended_.add(key, ended, ended_at);
    return;
  }
  if (const auto at = live_.find(key); at != live_.end() && at->second == otp.id) live_.erase(at);
  if (ended_at < now_ - latest_kept) return;
  const Ended* known = ended_.find(key);
  if (known != nullptr && known->otp >= otp.id) return;
  if (known == nullptr)
    ended_.add(key, ended, ended_at);
  else
    ended_.set(key, ended, ended_at);
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

void Indexes::set_submissions(const Otp& otp, bool is_new) {
  if (otp.created_at < now_ - submission_kept) return;
  SubmissionRef ref{.otp = otp.id};
  for (std::size_t m = 0; m < otp.messages.size(); ++m) {
    const auto& submissions = otp.messages[m].submissions;
    for (std::size_t s = 0; s < submissions.size(); ++s) {
      for (std::size_t g = 0; g < submissions[s].segments.size(); ++g) {
        const Segment& segment = submissions[s].segments[g];
        if (segment.smsc_message_id.empty()) continue;
        const Hash128 name = name_of(submissions[s].carrier, segment.smsc_message_id);
        ref.message = static_cast<std::uint8_t>(m);
        ref.submission = static_cast<std::uint8_t>(s);
        ref.segment = static_cast<std::uint8_t>(g);
        const bool is_over = is_final(segment.state);
        auto& table = is_over ? ended_submissions_ : submissions_;
        if (is_new) {
          table.add(name, ref, otp.created_at);
          continue;
        }
        const SubmissionRef* known = table.find(name);
        // Carriers use ids again after days: the newer request wins, whichever record is written last.
        if (known != nullptr && (*known == ref || ref.otp < known->otp)) continue;
        if (known == nullptr)
          table.add(name, ref, otp.created_at);
        else
          table.set(name, ref, otp.created_at);
        if (!is_over) continue;
        if (known = submissions_.find(name); known != nullptr && *known == ref) submissions_.erase(name);
      }
    }
  }
}

/// `is_new`: none of its events was noted before.
void Indexes::set_history(const Otp& otp, bool is_new) {
  const auto note = is_new ? &Histories::add : &Histories::note;
  const std::uint32_t tag = first_octets(otp.phone);
  for (std::size_t i = 0; i < otp.messages.size(); ++i) {
    const HistoryEntry sent{otp.messages[i].queued_at, tag};
    const std::uint32_t identity = identity_of(otp.id, i);
    (history_.*note)({HistoryKind::sends_of_phone, otp.app, otp.phone}, sent, identity, now_);
    if (otp.user_ip) (history_.*note)({HistoryKind::sends_of_user_ip, otp.app, *otp.user_ip}, sent, identity, now_);
  }
  if (otp.status == OtpStatus::locked)
    (history_.*note)({HistoryKind::locks_of_phone, otp.app, otp.phone}, {otp.ended_at.value_or(otp.created_at), tag},
                     identity_of(otp.id, 0), now_);
}

void Indexes::remove(const Otp& otp) {
  const Hash128 key = name_of(otp.app, otp.phone, otp.purpose);
  if (const auto at = live_.find(key); at != live_.end() && at->second == otp.id) live_.erase(at);
  if (const Ended* known = ended_.find(key); known != nullptr && known->otp == otp.id) ended_.erase(key);
  Deadline deadline{pack(otp.expires_at), otp.id, 0};
  expiry_.erase(deadline);
  for (std::size_t i = 0; i < otp.messages.size(); ++i) {
    deadline.message = static_cast<std::uint8_t>(i);
    outbox_.erase(deadline);
    unsettled_.erase({otp.id, deadline.message});
    for (const Submission& submission : otp.messages[i].submissions) {
      for (const Segment& segment : submission.segments) {
        const Hash128 name = name_of(submission.carrier, segment.smsc_message_id);
        for (auto* table : {&submissions_, &ended_submissions_})
          if (const auto* known = table->find(name); known != nullptr && known->otp == otp.id) table->erase(name);
      }
    }
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
  const Ended* ended = ended_.find(name);
  if (ended == nullptr || unpack(ended->at) < now_ - latest_kept) return newest;
  return newest ? std::max(*newest, ended->otp) : ended->otp;
}

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

std::optional<SubmissionRef> Indexes::submission(std::string_view carrier, std::string_view smsc_message_id) const {
  const Hash128 name = name_of(carrier, smsc_message_id);
  const SubmissionRef* open = submissions_.find(name);
  const SubmissionRef* over = ended_submissions_.find(name);
  const SubmissionRef* newest = open != nullptr && (over == nullptr || over->otp <= open->otp) ? open : over;
  if (newest == nullptr || made_at(newest->otp) < now_ - submission_kept) return std::nullopt;
  return *newest;
}

std::vector<HistoryEntry> Indexes::history(const HistoryKey& key, WallTime since) const {
  std::vector<HistoryEntry> entries;
  const bool is_noted_by_hand = key.kind == HistoryKind::failed_verifies_of_user_ip || key.kind == HistoryKind::resets;
  (is_noted_by_hand ? noted_ : history_).collect(key, since, now_, entries);
  return entries;
}

void Indexes::set_listed(std::string key) {
  constexpr std::size_t head = 6;  // kind, app, subject
  if (key.size() > head && key[head - 1] == static_cast<char>(ListSubject::prefix))
    listed_prefix_lengths_ |= std::uint32_t{1} << std::min<std::size_t>(key.size() - head, 31);
  listed_.insert(std::move(key));
}

/// Every one counts, so no two are the same event.
void Indexes::note_by_hand(const HistoryKey& key, HistoryEntry entry) { noted_.note(key, entry, ++noted_count_, now_); }

void Indexes::park(std::string_view carrier, std::string_view smsc_message_id, RowId row) {
  parked_.emplace(name_of(carrier, smsc_message_id), row);
}

std::optional<RowId> Indexes::parked(std::string_view carrier, std::string_view smsc_message_id) const {
  const Hash128 name = name_of(carrier, smsc_message_id);
  const auto at = parked_.lower_bound({name, 0});
  if (at == parked_.end() || at->first != name) return std::nullopt;
  return at->second;
}

void Indexes::unpark(std::string_view carrier, std::string_view smsc_message_id, RowId row) {
  parked_.erase({name_of(carrier, smsc_message_id), row});
}

void Indexes::set_answer(const Digest& key, RowId row) {
  answers_.set(name_of(key), BigEndian<RowId>(row).octets, made_at(row));
}

std::optional<RowId> Indexes::answer(const Digest& key) const {
  const auto* row = answers_.find(name_of(key));
  if (row == nullptr) return std::nullopt;
  return from_big_endian<RowId>({row->data(), row->size()});
}

RowId Indexes::next_row(WallTime at) { return last_row_ = next_row_id(last_row_, at, only_node); }

}  // namespace xion
