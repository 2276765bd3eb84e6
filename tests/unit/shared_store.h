#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/cluster.h"

namespace xion {

/// The other nodes of a store that is shared, played by a test: it grants, recalls and takes leases, says what they
/// changed and what they have bound.
class PlayedCluster final : public Cluster {
 public:
  /// Leases that are wished for later are waited for; else they are held at once.
  bool makes_wait = false;
  std::vector<Peer> others;
  bool is_aside = false;  ///< The node is to hold nothing.
  /// Names that another node was first to.
  std::set<std::string> done_elsewhere;

  void grant(const std::string& name) { turn(name, LeaseState::held); }
  void recall(const std::string& name) { turn(name, LeaseState::recalled); }
  void revoke(const std::string& name) { turn(name, LeaseState::waiting); }
  /// Without anybody being told: the clock has run out.
  void lapse(const std::string& name) { wishes_.at(name)->now = LeaseState::waiting; }
  bool is_wanted(const std::string& name) const { return wishes_.contains(name); }
  bool is_held(const std::string& name) const { return is_wanted(name) && wishes_.at(name)->is_held(); }
  bool has_left() const { return has_left_; }
  void say_changed(ThingKind kind, std::string key = {}) {
    const ThingName thing{kind, std::move(key)};
    changed_(std::span(&thing, 1));
  }
  NodeReport report() const { return report_(); }
  static Peer peer_with(const std::string& carrier, std::uint32_t binds) { return {1, "other", {{{carrier, binds}}}}; }

  NodeId self() const override { return only_node; }
  std::unique_ptr<Lease> want(std::string name, LeaseChanged changed) override {
    return std::make_unique<Wish>(*this, std::move(name), std::move(changed));
  }
  std::string name() const override { return "here"; }
  void leave() override { has_left_ = true; }
  void stand_aside(bool aside) override { is_aside = aside; }
  std::vector<Peer> peers() const override { return others; }
  void report_by(std::function<NodeReport()> report) override { report_ = std::move(report); }
  void on_changed_elsewhere(ChangedElsewhere changed) override { changed_ = std::move(changed); }
  void tell_changed(std::span<const ThingName> things) override { changed_(things); }
  void once(std::string name, Millis, std::move_only_function<void()> act) override {
    if (done_elsewhere.insert(std::move(name)).second) act();
  }

 private:
  struct Wish final : Lease {
    Wish(PlayedCluster& of, std::string named, LeaseChanged told)
        : cluster(of), name(std::move(named)), changed(std::move(told)) {
      if (!cluster.makes_wait) now = LeaseState::held;
      cluster.wishes_[name] = this;
    }
    ~Wish() override { cluster.wishes_.erase(name); }
    LeaseState state() const override { return now; }
    void let_go() override { now = LeaseState::waiting; }
    PlayedCluster& cluster;
    const std::string name;
    LeaseChanged changed;
    LeaseState now = LeaseState::waiting;
  };
  void turn(const std::string& name, LeaseState state) {
    Wish& wish = *wishes_.at(name);
    wish.now = state;
    wish.changed(state);
  }

  std::map<std::string, Wish*> wishes_;
  bool has_left_ = false;
  std::function<NodeReport()> report_;
  ChangedElsewhere changed_;
};

}  // namespace xion
