#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/owners/directory.h"
#include "app/ports.h"

namespace xion {

/// Changes the master key while everything goes on. Whoever keeps the key's file begins, puts the new file in the old
/// one's place, and finishes: at every moment between, and after a crash, the file that is there opens the data file.
/// Finishing makes new keys for codes and seals; phones that were sealed under the old ones are sealed anew in the
/// background, in bounded steps, by the housekeeper, and then the old keys are forgotten.
///
/// Where nodes share a store each of them takes the new key over between begin and finish, and says with its beat which
/// one it works with: nobody finishes, or forgets, what another node that lives still needs.
class KeyRotation {
 public:
  using Done = std::function<void(std::expected<void, Refusal>)>;
  KeyRotation(const Ports& ports, const Lease& housekeeper);

  /// Goes on with what an earlier process left.
  void start();
  /// `new_master` opens the data file too, from here on.
  void begin(const SecretKey& new_master, Done done);
  /// This node works with `new_master` from here on, as after a start with its file.
  void take(const SecretKey& new_master, Done done);
  /// Only `new_master` opens it from here on, and new keys are made. The daemon may have started with it meanwhile.
  void finish(const SecretKey& new_master, Done done);
  /// Works with the ring that another node has put; `done(false)` where the store failed.
  void read_shared(std::move_only_function<void(bool)> done);
  /// Tells others which master key this node works with, and nothing of it.
  std::string key_check() const { return name_of(ports_.loop_vault.check_value()); }

 private:
  static std::string name_of(const Digest& check_value);
  std::vector<std::string> nodes_without(const Digest& check_value) const;
  /// A key that is to be taken over, and who waits for it.
  struct Taking {
    SecretKey new_master;
    Done done;
  };
  void look_for_ring(Taking taking, bool is_last_look);
  bool is_known(const KeyRing& ring) const;
  void adopt(KeyRing ring, const SecretKey& master, Done done);
  void seal_anew();
  void forget_old_keys();
  bool has_old_keys() const { return ports_.loop_vault.ring().generations.size() > 1; }
  Ports ports_;
  const Lease& housekeeper_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Timer> taking_timer_;
  std::optional<Taking> taking_;  ///< It was begun at another node, perhaps, which is heard of soon.
};

}  // namespace xion
