#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/cluster.h"
#include "sim/agenda.h"
#include "sim/seeded.h"

namespace xion::sim {

/// Who of the nodes holds what, decided by somebody who sees all of them: no membership of any product can be better.
/// What is found under it is a fault of something else. It times as the real one has to: who can't be heard holds
/// nothing after 3.5 s, and is taken for dead after 5 s.
class PerfectCluster {
 public:
  PerfectCluster(Agenda& agenda, Seeded entropy) : agenda_(agenda), entropy_(entropy) { beat(); }

  /// A node is taken for dead.
  std::function<void(NodeId)> fence = [](NodeId) {};

  /// One life's part of it. What belonged to an earlier life of the node is free.
  std::unique_ptr<Cluster> join(NodeId node, std::string name, Agenda::Owner life);
  /// A process has ended: its leases are others' once that is noticed.
  void died(NodeId node);
  /// A node tells nobody that it lives, or hears nobody; until then it will. `is_heard`: others see that it lives.
  void silence(NodeId node, MonoTime until, bool is_heard);
  void hear_all();
  bool is_silent(NodeId node) const;
  /// Everybody lives, hears, and is left what he holds.
  void heal();

  /// Things were changed by a commit of that node.
  void changed(NodeId by, const std::vector<ThingName>& things);
  /// A node was told that its own change failed, and it was kept after all.
  void tell_again(NodeId node, const std::vector<ThingName>& things);

 private:
  class Part;
  class Wish;
  struct Holder {
    NodeId node = only_node;
    Agenda::Owner life = 0;
  };
  void beat();
  void look_at(NodeId node);
  void grant_soon(const std::string& name);
  void grant(const std::string& name);
  void recall_one();
  void release(const std::string& name, Agenda::Owner life);
  void take_from(Agenda::Owner life);
  Wish* wish_of(const Holder& holder, const std::string& name);
  std::size_t held_by(NodeId node) const;
  bool is_down() const;

  Agenda& agenda_;
  Seeded entropy_;
  struct Silence {
    MonoTime since{}, until{};
    bool is_heard = false;
  };
  std::map<NodeId, Part*> parts_;
  std::map<std::string, Holder> holders_;
  std::map<NodeId, Silence> silences_;
  std::map<std::string, MonoTime> done_once_;
  std::map<NodeId, NodeReport> reports_;
  bool recalls_ = true;
};

}  // namespace xion::sim
