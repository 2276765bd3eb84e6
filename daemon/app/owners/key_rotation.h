#pragma once
#include <functional>
#include <memory>

#include "app/owners/directory.h"
#include "app/ports.h"

namespace xion {

/// Changes the master key while everything goes on. Whoever keeps the key's file begins, puts the new file in the old
/// one's place, and finishes: at every moment between, and after a crash, the file that is there opens the data file.
/// Finishing makes new keys for codes and seals; phones that were sealed under the old ones are sealed anew in the
/// background, in bounded steps, by the housekeeper, and then the old keys are forgotten.
class KeyRotation {
 public:
  using Done = std::function<void(std::expected<void, Refusal>)>;
  KeyRotation(const Ports& ports, const Lease& housekeeper);

  /// Goes on with what an earlier process left.
  void start();
  /// `new_master` opens the data file too, from here on.
  void begin(const SecretKey& new_master, Done done);
  /// Only `new_master` opens it from here on, and new keys are made. The daemon may have started with it meanwhile.
  void finish(const SecretKey& new_master, Done done);
  /// Works with the ring that another node has put; `done(false)` where the store failed.
  void read_shared(std::move_only_function<void(bool)> done);

 private:
  bool is_known(const KeyRing& ring) const;
  void adopt(KeyRing ring, const SecretKey& master, Done done);
  void seal_anew();
  void forget_old_keys();
  bool has_old_keys() const { return ports_.loop_vault.ring().generations.size() > 1; }
  Ports ports_;
  const Lease& housekeeper_;
  std::unique_ptr<Timer> timer_;
};

}  // namespace xion
