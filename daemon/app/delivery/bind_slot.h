#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/delivery/smsc_link.h"
#include "ports/cluster.h"

namespace xion {

/// One of the binds that a carrier allows the account, a transmitter with its receiver being one: its links are up
/// while the lease of it is ours, whoever else shares the account.
class BindSlot {
 public:
  /// `changed`: it is ours, or no longer.
  BindSlot(
      Cluster& cluster, std::string_view carrier, std::uint32_t number, std::function<void()> changed = [] {})
      : cluster_(cluster), name_(bind_lease(carrier, number)), changed_(std::move(changed)) {}
  BindSlot(const BindSlot&) = delete;
  BindSlot& operator=(const BindSlot&) = delete;

  /// Before it starts.
  void add(std::shared_ptr<SmscLink> link) { links_.push_back(std::move(link)); }

  /// Wishes for the bind, and connects as soon as it is ours: `delay` from now, each link 20 ms after the one before.
  /// The delay for whoever connects next.
  Millis start(Millis delay);
  /// Its links drain and unbind; once they are down the bind is given back.
  void stop(Millis drain_limit);
  /// Only where it is ours.
  void reconnect();
  /// One of its links went up or down.
  void on_change();

  /// Whether it is ours now, by the clock. Nothing is submitted without it.
  bool is_held() const { return lease_ != nullptr && lease_->is_held(); }
  /// Wished for, and not ours.
  bool is_elsewhere() const { return lease_ != nullptr && !lease_->is_held(); }
  const std::vector<std::shared_ptr<SmscLink>>& links() const { return links_; }

 private:
  void follow(LeaseState state);
  Millis connect(Millis delay);
  void drain(Millis limit);

  Cluster& cluster_;
  std::string name_;
  std::function<void()> changed_;
  std::vector<std::shared_ptr<SmscLink>> links_;
  bool is_wanted_ = false;
  std::unique_ptr<Lease> lease_;  ///< Null: not wished for. Dies first.
};

}  // namespace xion
