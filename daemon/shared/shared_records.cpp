// Requests, and what they are looked up by.
#include "shared/shared_records.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <tuple>
#include <utility>

#include "core/guard/guess_budget.h"
#include "core/otp/otp_record.h"
#include "core/otp/retention.h"
#include "core/otp/search_names.h"

namespace xion {
namespace {

/// Rows that a search goes through at once, however few match.
constexpr std::size_t searched_at_once = 200;
/// Of a carrier's id; more than are told apart.
constexpr std::size_t submissions_of_an_id = 2 * messages_of_an_id;

/// Those that were refused never had a code: they are the latest of those that were refused alike.
PhoneRow::Request request_of(const Otp& otp) {
  PhoneRow::Request request{.app = otp.app,
                            .purpose = otp.status == OtpStatus::blocked ? purpose_of_refusals(otp.reason) : otp.purpose,
                            .id = otp.id};
  if (otp.status == OtpStatus::pending)
    request.expires_at = otp.expires_at;
  else
    request.ended_at = otp.ended_at.value_or(otp.created_at);
  return request;
}

std::vector<PhoneRow::Event> phone_events_of(const Otp& otp) {
  std::vector<PhoneRow::Event> events;
  if (otp.test) return events;
  for (const Message& message : otp.messages)
    events.push_back({HistoryKind::sends_of_phone, otp.app, message.queued_at});
  if (otp.status == OtpStatus::locked)
    events.push_back({HistoryKind::locks_of_phone, otp.app, otp.ended_at.value_or(otp.created_at)});
  return events;
}

using Event = std::pair<HistoryKey, HistoryEntry>;
std::vector<Event> address_events_of(const Otp& otp) {
  std::vector<Event> events;
  if (otp.test) return events;
  for (const Message& message : otp.messages)
    if (const auto& address = address_of(otp, message))
      events.emplace_back(HistoryKey{HistoryKind::sends_of_user_ip, otp.app, *address},
                          HistoryEntry{message.queued_at, tag_of_phone(otp.phone)});
  return events;
}

/// What is new in `after`. What was there before is taken out once for each time that it was there.
template <typename T, typename IsSame>
std::vector<T> added(std::vector<T> before, std::vector<T> after, IsSame is_same) {
  std::erase_if(after, [&](const T& event) {
    const auto at = std::ranges::find_if(before, [&](const T& other) { return is_same(other, event); });
    if (at == before.end()) return false;
    before.erase(at);
    return true;
  });
  return after;
}

using CarriersId = std::pair<std::pair<std::string, std::string>, SubmissionRef>;
std::vector<CarriersId> carriers_ids_of(const Otp& otp) {
  std::vector<CarriersId> ids;
  if (otp.test) return ids;
  for (std::size_t m = 0; m < otp.messages.size(); ++m)
    for (std::size_t s = 0; s < otp.messages[m].submissions.size(); ++s) {
      const Submission& submission = otp.messages[m].submissions[s];
      for (std::size_t g = 0; g < submission.segments.size(); ++g)
        if (const std::string& id = submission.segments[g].smsc_message_id; !id.empty())
          ids.push_back(
              {{submission.carrier, id},
               {otp.id, static_cast<std::uint8_t>(m), static_cast<std::uint8_t>(s), static_cast<std::uint8_t>(g)}});
    }
  return ids;
}

RowName events_name(const HistoryKey& key) {
  return is_of_phone(key.kind) ? row_keys::phone(key.subject) : row_keys::events(key);
}

/// Nothing: nobody has to do anything about the message.
std::optional<OutboxRow> outbox_row_of(const Otp& otp, std::size_t at, NodeLife life) {
  const Message& message = otp.messages[at];
  const bool is_pending = otp.status == OtpStatus::pending;
  OutboxRow row{.state = row_keys::OutboxState::queued,
                .node = life.node,
                .incarnation = life.incarnation,
                .submission = 0,
                .expires_at = otp.expires_at};
  if (otp.test) return std::nullopt;
  if (message.state == MessageState::queued) return is_pending ? std::optional(row) : std::nullopt;
  if (message.submissions.empty()) return std::nullopt;
  row.submission = static_cast<std::uint8_t>(message.submissions.size() - 1);
  if (message.state == MessageState::submitting) row.state = row_keys::OutboxState::submitting;
  if (message.state == MessageState::unknown) row.state = row_keys::OutboxState::unknown;
  const bool is_open =
      message.state == MessageState::submitting || (message.state == MessageState::unknown && is_pending);
  return is_open ? std::optional(row) : std::nullopt;
}

std::vector<std::string> names_of(const Otp& otp) {
  std::vector<std::string> keys;
  if (!otp.reference.empty()) keys.push_back(row_keys::name_prefix(otp.app, row_keys::reference_kind, otp.reference));
  for (const std::string& name : search_names(otp))
    keys.push_back(row_keys::name_prefix(otp.app, row_keys::name_kind, name));
  for (std::string& key : keys) key += as_text(otp.id.octets);
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

bool matches(const Otp& otp, const OtpFilter& filter) {
  return (!filter.app || otp.app == *filter.app) && (!filter.phone || otp.phone == *filter.phone) &&
         (!filter.is_test || otp.test == *filter.is_test) && (!filter.status || otp.status == *filter.status) &&
         (filter.reference.empty() || otp.reference == filter.reference) &&
         (filter.country.empty() || otp.country == filter.country);
}

}  // namespace

// --- records --------------------------------------------------------------------------------------------------------

std::optional<Otp> SharedRecords::read_otp(std::string_view key, std::string_view record) {
  const OtpId id = row_keys::otp_of(key);
  auto otp = from_record(id, record);
  if (!otp) record_is_unreadable(to_string(RowTable::otps), to_string(id));
  return otp;
}

std::optional<Otp> SharedRecords::otp(const OtpId& id) {
  const RowName name = row_keys::otp(id);
  const RowContent* row = view_->read(name);
  return row == nullptr ? std::nullopt : read_otp(name.key, row->record);
}

void SharedRecords::write_otp(const Otp& otp) {
  const std::string_view id = as_text(otp.id.octets);
  view_->put(row_keys::otp(otp.id),
             {to_record(otp), {row_keys::of_app(otp.app).append(id), row_keys::of_phone(otp.phone).append(id)}});
}

bool SharedRecords::insert(const Otp& otp) {
  if (view_->read_new(row_keys::otp(otp.id)) != nullptr) return false;
  write_otp(otp);
  set_looked_up(nullptr, otp);
  return true;
}

void SharedRecords::put(const Otp& otp) {
  const auto before = this->otp(otp.id);
  write_otp(otp);
  set_looked_up(before ? &*before : nullptr, otp);
}

/// It is found as before.
void SharedRecords::rewrite(const Otp& otp) {
  const RowName name = row_keys::otp(otp.id);
  const RowContent* row = view_->read(name);
  if (row == nullptr) return write_otp(otp);
  RowContent content = *row;
  content.record = to_record(otp);
  view_->put(name, std::move(content));
}

void SharedRecords::erase_request(const OtpId& id) {
  const auto gone = otp(id);
  if (!gone) return;
  view_->erase(row_keys::otp(id));
  for (std::size_t at = 0; at < gone->messages.size(); ++at)
    if (outbox_row_of(*gone, at, life_)) view_->erase_unseen(row_keys::outbox(id, static_cast<std::uint8_t>(at)));
  for (std::string& name : names_of(*gone)) view_->erase_unseen({RowTable::names, std::move(name)});
  // What is over by itself need not be taken out.
  if (!is_forgotten(request_of(*gone))) {
    const RowName name = row_keys::phone(gone->phone);
    if (const RowContent* row = view_->read(name)) {
      PhoneRow phone = phone_row_from(row->record);
      phone.remove(id);
      view_->put(name, phone_content(phone, now_));
    }
  }
  if (!are_ids_kept(*gone)) return;
  for (const auto& [carriers_id, ref] : carriers_ids_of(*gone)) {
    const RowName name = row_keys::carrier_id(carriers_id.first, carriers_id.second);
    const RowContent* row = view_->read(name);
    if (row == nullptr) continue;
    CarrierIdRow ids = carrier_id_row_from(row->record);
    std::erase(ids.submissions, ref);
    view_->put(name, {to_row(ids), {row_keys::moment(now_)}});
  }
}

bool SharedRecords::is_forgotten(const PhoneRow::Request& request) const {
  return request.ended_at && *request.ended_at < now_ - latest_kept;
}
bool SharedRecords::are_ids_kept(const Otp& otp) const { return made_at(otp.id) >= now_ - submission_kept; }
bool SharedRecords::is_kept(WallTime event_at) const { return event_at >= now_ - note_kept; }

// --- what they are looked up by -------------------------------------------------------------------------------------

void SharedRecords::set_looked_up(const Otp* before, const Otp& after) {
  set_phone(before, after);
  set_outbox(before, after);
  set_carrier_ids(before, after);
  set_events(before, after);
  set_names(before, after);
}

void SharedRecords::set_phone(const Otp* before, const Otp& after) {
  PhoneRow::Request request = request_of(after);
  const bool is_other = before == nullptr ? !is_forgotten(request) : request_of(*before) != request;
  auto events = added(before == nullptr ? std::vector<PhoneRow::Event>{} : phone_events_of(*before),
                      phone_events_of(after), std::equal_to<>());
  std::erase_if(events, [this](const PhoneRow::Event& event) { return !is_kept(event.at); });
  if (!is_other && events.empty()) return;
  const RowName name = row_keys::phone(after.phone);
  const RowContent* row = view_->read(name);
  PhoneRow phone = row == nullptr ? PhoneRow{} : phone_row_from(row->record);
  if (is_other) phone.set(std::move(request));
  phone.forget(now_ - latest_kept, now_ - note_kept);
  for (const PhoneRow::Event& event : events) phone.add(event);
  view_->put(name, phone_content(phone, now_));
}

void SharedRecords::set_outbox(const Otp* before, const Otp& after) {
  for (std::size_t at = 0; at < after.messages.size(); ++at) {
    const bool was_there = before != nullptr && at < before->messages.size();
    const auto was = was_there ? outbox_row_of(*before, at, life_) : std::nullopt;
    const auto is = outbox_row_of(after, at, life_);
    if (was == is) continue;
    const RowName name = row_keys::outbox(after.id, static_cast<std::uint8_t>(at));
    if (!is) {
      view_->erase_unseen(name);
      continue;
    }
    if (before == nullptr) {
      view_->put(name, outbox_content(*is, name.key));
      continue;
    }
    const bool is_later = was && was->state == is->state;
    const RowContent* there = is_later ? view_->read(name) : nullptr;
    if (there == nullptr) {
      view_->put_unseen(name, outbox_content(*is, name.key));
      continue;
    }
    // Another deadline is no reason for it to be another node's, who may have taken it since it was read.
    OutboxRow row = outbox_row_from(there->record);
    row.expires_at = is->expires_at;
    view_->put(name, outbox_content(row, name.key));
  }
}

/// A receipt that came first is parked in the same row: whoever comes second sees it, or begins again.
void SharedRecords::set_carrier_ids(const Otp* before, const Otp& after) {
  if (!are_ids_kept(after)) return;
  const auto known = before == nullptr ? std::vector<CarriersId>{} : carriers_ids_of(*before);
  for (const CarriersId& each : carriers_ids_of(after)) {
    if (std::ranges::find(known, each) != known.end()) continue;
    const auto& [carriers_id, ref] = each;
    const RowName name = row_keys::carrier_id(carriers_id.first, carriers_id.second);
    const RowContent* row = view_->read_new(name);
    CarrierIdRow ids = row == nullptr ? CarrierIdRow{} : carrier_id_row_from(row->record);
    std::erase_if(ids.submissions,
                  [&](const SubmissionRef& other) { return made_at(other.otp) < now_ - submission_kept; });
    const auto place =
        std::ranges::find_if(ids.submissions, [&](const SubmissionRef& other) { return other.otp < ref.otp; });
    ids.submissions.insert(place, ref);
    if (ids.submissions.size() > submissions_of_an_id) ids.submissions.resize(submissions_of_an_id);
    view_->put(name, {to_row(ids), {row_keys::moment(now_)}});
  }
}

void SharedRecords::set_events(const Otp* before, const Otp& after) {
  const auto is_same = [](const Event& a, const Event& b) {
    return a.first == b.first && a.second.at == b.second.at && a.second.tag == b.second.tag;
  };
  for (const auto& [key, event] :
       added(before == nullptr ? std::vector<Event>{} : address_events_of(*before), address_events_of(after), is_same))
    if (is_kept(event.at)) add_event(key, event);
}

void SharedRecords::set_names(const Otp* before, const Otp& after) {
  const auto was = before == nullptr ? std::vector<std::string>{} : names_of(*before);
  const auto is = names_of(after);
  if (was == is) return;
  for (const std::string& name : is)
    if (before == nullptr)
      view_->put({RowTable::names, name}, {});
    else if (!std::ranges::binary_search(was, name))
      view_->put_unseen({RowTable::names, name}, {});
  for (const std::string& name : was)
    if (!std::ranges::binary_search(is, name)) view_->erase_unseen({RowTable::names, name});
}

// --- looking up -----------------------------------------------------------------------------------------------------

void SharedRecords::read_otps(const std::vector<OtpId>& ids) {
  std::vector<RowName> names;
  names.reserve(ids.size());
  for (const OtpId& id : ids) names.push_back(row_keys::otp(id));
  view_->read_all(names);
}

std::vector<Otp> SharedRecords::otps(const OtpRange& range, std::size_t limit) {
  RowRange rows{.table = RowTable::otps, .from = {}, .to = {}};
  if (range.after) rows.from = std::string(as_text(range.after->octets)) + '\0';
  if (range.before) rows.to = as_text(range.before->octets);
  rows.is_backwards = range.order == OtpRange::Order::newest_first;
  std::vector<Otp> found;
  std::size_t seen = 0;
  for (std::size_t wanted = limit;; wanted += limit - found.size()) {  // Instead of those that can't be read.
    const auto read = view_->read(rows, wanted);
    for (; seen < read.size(); ++seen)
      if (auto otp = read_otp(read[seen].key, read[seen].content.record)) found.push_back(std::move(*otp));
    if (found.size() == limit || read.size() < wanted) return found;
  }
}

/// Requests whose ids stand in the keys of rows.
std::vector<Otp> SharedRecords::otps_of(const std::vector<StoredRow>& rows, std::size_t id_at) {
  std::vector<OtpId> ids;
  for (const StoredRow& row : rows) ids.push_back(row_keys::otp_of(std::string_view(row.key).substr(id_at)));
  read_otps(ids);
  std::vector<Otp> found;
  for (const OtpId& id : ids)
    if (auto otp = this->otp(id)) found.push_back(std::move(*otp));
  return found;
}

FoundOtps SharedRecords::find(const OtpFilter& filter, std::optional<OtpId> before, std::size_t limit) {
  RowRange rows{.table = RowTable::otps, .from = {}, .to = {}, .is_backwards = true};
  std::string prefix;
  const std::string& name = filter.reference.empty() ? filter.name : filter.reference;
  if (filter.app && !name.empty()) {
    rows.table = RowTable::names;
    const char kind = filter.reference.empty() ? row_keys::name_kind : row_keys::reference_kind;
    prefix = row_keys::name_prefix(*filter.app, kind, name);
  } else if (filter.phone) {
    rows.by = 2;
    prefix = row_keys::of_phone(*filter.phone);
  } else if (filter.app) {
    rows.by = 1;
    prefix = row_keys::of_app(*filter.app);
  }
  rows.from = prefix;
  rows.to = before ? prefix + std::string(as_text(before->octets)) : row_keys::after(prefix);
  const std::size_t at_once = std::max(limit, searched_at_once);
  const auto page = view_->read(rows, at_once);
  const std::size_t id_at = rows.table == RowTable::names ? prefix.size() : 0;
  FoundOtps found;
  for (Otp& otp : otps_of(page, id_at)) {
    if (!matches(otp, filter)) continue;
    if (found.otps.size() == limit) {
      found.rest = found.otps.back().id;
      return found;
    }
    found.otps.push_back(std::move(otp));
  }
  if (page.size() == at_once) found.rest = row_keys::otp_of(std::string_view(page.back().key).substr(id_at));
  return found;
}

/// Whoever is refused since nothing is pending writes nothing of the phone, so that no commit would find out that
/// another node has made a request since its row was read.
PhoneRow SharedRecords::requests_of(const LiveKey& key) {
  const RowName name = row_keys::phone(key.phone);
  const RowContent* row = view_->read(name);
  if (row == nullptr) return {};
  PhoneRow phone = phone_row_from(row->record);
  if (!phone.pending(key) && !view_->is_of_round(name)) view_->want_again(name);
  return phone;
}

std::optional<OtpId> SharedRecords::live(const LiveKey& key) { return requests_of(key).pending(key); }

std::optional<OtpId> SharedRecords::latest(const LiveKey& key) {
  return requests_of(key).latest(key, now_ - latest_kept);
}

/// Who asks expires them: with what that reads.
std::vector<OtpId> SharedRecords::expiring(WallTime until, std::size_t limit) {
  const RowRange range{.table = RowTable::phones,
                       .by = 1,
                       .from = row_keys::pending_phone({}),
                       .to = row_keys::pending_phone(until + Millis{1})};
  std::vector<std::pair<WallTime, OtpId>> due;
  for (const StoredRow& row : view_->read(range, limit))
    for (const PhoneRow::Request& request : phone_row_from(row.content.record).requests)
      if (!request.ended_at && request.expires_at <= until) due.emplace_back(request.expires_at, request.id);
  std::ranges::sort(due);
  if (due.size() > limit) due.resize(limit);
  std::vector<OtpId> ids;
  for (const auto& [at, id] : due) ids.push_back(id);
  read_otps(ids);
  return ids;
}

std::vector<OutboxEntry> SharedRecords::outbox(Whose whose, std::size_t limit) {
  std::vector<OutboxEntry> entries;
  for (const RowRange& range : waiting_messages(whose)) {
    for (const StoredRow& row : view_->read(range, limit)) {
      const OutboxRow message = outbox_row_from(row.content.record);
      entries.push_back(
          {row_keys::otp_of(row.key), static_cast<std::uint8_t>(row.key.back()), message.expires_at, message.node});
    }
  }
  std::ranges::sort(entries, {}, [](const OutboxEntry& entry) { return std::tuple(entry.expires_at, entry.otp); });
  if (entries.size() > limit) entries.resize(limit);
  std::vector<OtpId> ids;
  for (const OutboxEntry& entry : entries) ids.push_back(entry.otp);
  read_otps(ids);
  return entries;
}

std::size_t SharedRecords::outbox_size(Whose whose) {
  std::size_t size = 0;
  for (const RowRange& range : waiting_messages(whose)) size += view_->read(range, rows_without_end).size();
  return size;
}

std::vector<SubmissionRef> SharedRecords::unsettled(std::size_t limit) {
  using row_keys::OutboxState;
  std::vector<SubmissionRef> refs;
  for (const OutboxState state : {OutboxState::submitting, OutboxState::unknown}) {
    const RowRange range = row_keys::all_with(RowTable::outbox, row_keys::outbox_order(life_.node, state), 1);
    for (const StoredRow& row : view_->read(range, rows_without_end)) {
      const OutboxRow message = outbox_row_from(row.content.record);
      if (message.incarnation != life_.incarnation)
        refs.push_back({row_keys::otp_of(row.key), static_cast<std::uint8_t>(row.key.back()), message.submission, 0});
    }
  }
  std::ranges::sort(refs, {}, [](const SubmissionRef& ref) { return std::pair(ref.otp, ref.message); });
  if (refs.size() > limit) refs.resize(limit);
  std::vector<OtpId> ids;
  for (const SubmissionRef& ref : refs) ids.push_back(ref.otp);
  read_otps(ids);
  std::erase_if(refs, [this](const SubmissionRef& ref) { return !has_submission(ref); });
  return refs;
}

std::vector<SubmissionRef> SharedRecords::submissions(std::string_view carrier, std::string_view smsc_message_id) {
  const RowContent* row = view_->read(row_keys::carrier_id(carrier, smsc_message_id));
  if (row == nullptr) return {};
  auto refs = carrier_id_row_from(row->record).submissions;
  std::erase_if(refs, [&](const SubmissionRef& ref) { return made_at(ref.otp) < now_ - submission_kept; });
  std::vector<OtpId> ids;
  for (const SubmissionRef& ref : refs) ids.push_back(ref.otp);
  read_otps(ids);
  std::erase_if(refs, [this](const SubmissionRef& ref) { return !has_segment(ref); });
  return refs;
}

/// Rows are not all of one moment: another row may name a message that a node has added since its request was read
/// here. Where even what was fetched now knows nothing of it, whoever asks finds none.
bool SharedRecords::has(const SubmissionRef& ref, std::size_t segments) {
  const auto otp = this->otp(ref.otp);
  if (!otp) return true;  // It is gone, as whoever reads it finds.
  const bool is_there = ref.message < otp->messages.size() &&
                        ref.submission < otp->messages[ref.message].submissions.size() &&
                        segments <= otp->messages[ref.message].submissions[ref.submission].segments.size();
  if (!is_there && !view_->is_of_round(row_keys::otp(ref.otp))) view_->want_again(row_keys::otp(ref.otp));
  return is_there;
}

std::vector<HistoryEntry> SharedRecords::history(const HistoryKey& key, WallTime since) {
  const RowContent* row = view_->read(events_name(key));
  if (row == nullptr) return {};
  auto events = is_of_phone(key.kind) ? phone_row_from(row->record).history(key) : events_from(row->record);
  since = std::max<WallTime>(since, now_ - note_kept);
  std::erase_if(events, [&](const HistoryEntry& event) { return event.at < since; });
  std::ranges::reverse(events);
  return events;
}

/// The rows that a request is in, and that others are in, too.
void SharedRecords::add_looked_up(const Otp& otp, std::vector<RowName>& names) const {
  names.push_back(row_keys::otp(otp.id));
  const auto events = phone_events_of(otp);
  const auto counts = [this](const PhoneRow::Event& event) { return is_kept(event.at); };
  if (!is_forgotten(request_of(otp)) || std::ranges::any_of(events, counts))
    names.push_back(row_keys::phone(otp.phone));
  if (are_ids_kept(otp))
    for (const CarriersId& each : carriers_ids_of(otp))
      names.push_back(row_keys::carrier_id(each.first.first, each.first.second));
  for (const auto& [key, event] : address_events_of(otp))
    if (is_kept(event.at)) names.push_back(row_keys::events(key));
}

/// Requests that are found by rows which have to be fetched: most likely those that were found by them last, so that
/// both come in one round.
void SharedRecords::guess_next(const Reads& reads, std::vector<RowName>& names) {
  const auto old = [this](const RowName& name) { return view_->is_known(name) ? nullptr : view_->remembered(name); };
  for (const LiveKey& key : reads.live)
    if (const RowContent* row = old(row_keys::phone(key.phone)))
      if (const auto id = phone_row_from(row->record).latest(key, now_ - latest_kept))
        names.push_back(row_keys::otp(*id));
  for (const auto& [carrier, id] : reads.submissions)
    if (const RowContent* row = old(row_keys::carrier_id(carrier, id)))
      for (const SubmissionRef& ref : carrier_id_row_from(row->record).submissions)
        names.push_back(row_keys::otp(ref.otp));
}

/// Breaks off at its end where something is missing. What comes of a row that has to be fetched is known only then.
void SharedRecords::read_ahead(const Reads& reads) {
  std::vector<RowName> names;
  for (const OtpId& id : reads.otps) names.push_back(row_keys::otp(id));
  for (const LiveKey& key : reads.live) {
    names.push_back(row_keys::phone(key.phone));
    names.push_back(row_keys::thing(ThingKind::guesses, guess_key(key.app, key.phone)));
  }
  for (const HistoryKey& key : reads.history) names.push_back(events_name(key));
  for (const Digest& key : reads.answers) names.push_back(row_keys::answer(key));
  for (const auto& [carrier, id] : reads.submissions) names.push_back(row_keys::carrier_id(carrier, id));
  for (const auto& [app, month] : reads.quotas) names.push_back(row_keys::volume_share(app, month, life_.node));
  for (const Otp& otp : reads.written) add_looked_up(otp, names);
  guess_next(reads, names);
  bool is_all_here = view_->want_all(names);
  for (const OtpId& id : reads.shown) is_all_here &= view_->want_new(row_keys::otp(id));
  // What can be looked for already is, so that all of it comes in one round.
  const auto look = [&is_all_here](auto read) {
    try {
      read();
    } catch (const Unread&) {
      is_all_here = false;
    }
  };
  for (const auto& [app, month] : reads.quotas) {
    look([&] { counters(app, month); });
    look([&] { read_grants(app, month); });
  }
  for (const auto& [carrier, id] : reads.submissions) {
    if (!view_->is_known(row_keys::carrier_id(carrier, id))) continue;
    look([&] { submissions(carrier, id); });
    look([&] { parked_as(carrier, id); });
  }
  std::vector<OtpId> found;
  for (const LiveKey& key : reads.live) {
    if (!view_->is_known(row_keys::phone(key.phone))) continue;
    look([&] {
      if (const auto id = latest(key)) found.push_back(*id);
    });
  }
  look([&] { read_otps(found); });
  if (!is_all_here) throw Unread();
}

}  // namespace xion
