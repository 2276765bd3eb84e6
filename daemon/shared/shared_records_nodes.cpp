// What goes from one node to another.
#include <algorithm>
#include <set>
#include <utility>

#include "shared/member_rows.h"
#include "shared/shared_records.h"
#include "store/webhook_rows.h"

namespace xion {
namespace {

using row_keys::OutboxState;

/// Of a node, in an order that begins with it: 0 is nobody there.
RowRange range_of(RowTable table, std::uint8_t by, NodeId node) {
  return {table, by, std::string(1, static_cast<char>(node + 1)), std::string(1, static_cast<char>(node + 2))};
}

/// Of all nodes that are none of those, in an order that begins with the node, one of each run of numbers.
std::vector<RowRange> ranges_of_others(RowTable table, std::uint8_t by, std::span<const NodeId> living) {
  std::vector<NodeId> nodes(living.begin(), living.end());
  nodes.push_back(nodes_of_cluster);
  std::ranges::sort(nodes);
  std::vector<RowRange> ranges;
  NodeId first = 0;
  for (const NodeId node : nodes) {
    if (node > first)
      ranges.push_back(
          {table, by, std::string(1, static_cast<char>(first + 1)), std::string(1, static_cast<char>(node + 1))});
    first = static_cast<NodeId>(node + 1);
  }
  return ranges;
}

}  // namespace

Inherited SharedRecords::inherit(std::span<const NodeId> living, std::size_t limit) {
  Inherited inherited;
  for (const RowRange& range : ranges_of_others(RowTable::outbox, 1, living)) inherit_messages(range, limit, inherited);
  for (const RowRange& range : ranges_of_others(RowTable::waiting, 1, living))
    inherit_deliveries(range, limit, inherited);
  std::erase_if(inherited.unsettled, [this](const SubmissionRef& ref) { return !has_submission(ref); });
  return inherited;
}

void SharedRecords::inherit_messages(const RowRange& of_gone, std::size_t limit, Inherited& inherited) {
  std::vector<OtpId> ids;
  for (const StoredRow& row : view_->read(of_gone, limit)) {
    OutboxRow message = outbox_row_from(row.content.record);
    const OtpId id = row_keys::otp_of(row.key);
    const auto at = static_cast<std::uint8_t>(row.key.back());
    message.node = life_.node;
    message.incarnation = life_.incarnation;
    if (message.state == OutboxState::handed) message.state = OutboxState::queued;
    if (message.state == OutboxState::queued)
      inherited.queued.push_back({id, at, message.expires_at, life_.node});
    else
      inherited.unsettled.push_back({id, at, message.submission, 0});
    view_->put({RowTable::outbox, row.key}, outbox_content(message, row.key));
    ids.push_back(id);
  }
  read_otps(ids);
}

void SharedRecords::inherit_deliveries(const RowRange& of_gone, std::size_t limit, Inherited& inherited) {
  for (const StoredRow& row : view_->read(of_gone, limit)) {
    const RowId id = row_keys::row_of(row.key);
    RowContent content = row.content;
    content.sorts[0].front() = static_cast<char>(life_.node + 1);
    view_->put({RowTable::waiting, row.key}, content);
    if (node_of(id) != life_.node && inherited_.insert(id).second) view_->on_undo([this, id] { inherited_.erase(id); });
    add_waiting(id, content.record);
    ++inherited.deliveries;
  }
}

bool SharedRecords::hand_over(const OtpId& id, std::uint8_t message, NodeId to) {
  const RowName name = row_keys::outbox(id, message);
  const RowContent* row = view_->read(name);
  OutboxRow outbox = row == nullptr ? OutboxRow{} : outbox_row_from(row->record);
  if (row == nullptr || outbox.state != OutboxState::queued) return false;
  outbox.state = OutboxState::handed;
  outbox.node = to;
  outbox.incarnation = 0;
  view_->put(name, outbox_content(outbox, name.key));
  view_->pass_on(name);
  view_->pass_on(row_keys::otp(id));
  return true;
}

std::vector<OutboxEntry> SharedRecords::take_handed(std::size_t limit) {
  const RowRange range =
      row_keys::all_with(RowTable::outbox, row_keys::outbox_order(life_.node, OutboxState::handed), 1);
  auto handed = view_->read(range, limit);
  const auto otp_of = [](const StoredRow& row) { return row_keys::otp(row_keys::otp_of(row.key)); };
  // Ever more of them come while requests are fetched: those of which these are here are taken, if any.
  const auto unread =
      std::ranges::stable_partition(handed, [&](const StoredRow& row) { return view_->is_known(otp_of(row)); });
  if (unread.begin() != handed.begin()) handed.erase(unread.begin(), unread.end());
  std::vector<OutboxEntry> taken;
  std::vector<OtpId> ids;
  for (const StoredRow& row : handed) {
    OutboxRow message = outbox_row_from(row.content.record);
    message.state = OutboxState::queued;
    message.incarnation = life_.incarnation;
    ids.push_back(row_keys::otp_of(row.key));
    taken.push_back({ids.back(), static_cast<std::uint8_t>(row.key.back()), message.expires_at, life_.node});
    view_->put({RowTable::outbox, row.key}, outbox_content(message, row.key));
  }
  read_otps(ids);
  return taken;
}

/// Each in the order of their deadlines. What was handed over and not taken yet waits, too.
std::vector<RowRange> SharedRecords::waiting_messages(Whose whose) {
  const auto of = [](NodeId node, OutboxState state) {
    return row_keys::all_with(RowTable::outbox, row_keys::outbox_order(node, state), 1);
  };
  if (whose == Whose::this_node) return {of(life_.node, OutboxState::queued)};
  std::set<NodeId> nodes{only_node, life_.node};
  for (const StoredRow& row : view_->read(row_keys::member_numbers(), nodes_of_cluster))
    if (const auto node = row_keys::node_of_member(row.key)) nodes.insert(*node);
  std::vector<RowRange> ranges;
  for (const NodeId node : nodes)
    for (const OutboxState state : {OutboxState::queued, OutboxState::handed}) ranges.push_back(of(node, state));
  return ranges;
}

std::vector<std::string> SharedRecords::node_names() {
  std::vector<std::string> names;
  for (const StoredRow& row : view_->read(row_keys::member_numbers(), nodes_of_cluster))
    names.push_back(row.content.record);
  std::ranges::sort(names);
  return names;
}

/// Its sums stay, in the stripe of its number. Ranges are read as they are now; single rows may be old.
ForgottenNode SharedRecords::forget_node(std::string_view name) {
  using Outcome = ForgottenNode::Outcome;
  const auto members = view_->read(row_keys::member_numbers(), nodes_of_cluster);
  const auto member =
      std::ranges::find_if(members, [name](const StoredRow& row) { return row.content.record == name; });
  const auto number = member == members.end() ? std::nullopt : row_keys::node_of_member(member->key);
  if (!number) return {};
  ForgottenNode node{.number = *number};
  const bool lives = !view_->read(row_keys::beats_of(node.number), 1).empty();
  node.messages = view_->read(range_of(RowTable::outbox, 1, node.number), forget_looks_at).size();
  node.deliveries = view_->read(range_of(RowTable::waiting, 1, node.number), forget_looks_at).size();
  const bool has_left = node.messages + node.deliveries > 0;
  node.outcome = lives ? Outcome::lives : has_left ? Outcome::has_left : Outcome::forgotten;
  if (node.outcome != Outcome::forgotten) return node;
  view_->erase(row_keys::member(name));
  view_->erase(row_keys::member(node.number));
  return node;
}

}  // namespace xion
