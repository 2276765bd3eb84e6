#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace xion::sim {

/// A fault that is built into the simulator's own parts on purpose: an auditor that doesn't find it proves nothing.
enum class Mutation : std::uint8_t {
  none,
  told_early,
  applied_twice,
  applied_again,
  no_cooldown,
  no_sends_per_phone,
  no_locks_per_phone,
  no_sends_per_user_ip,
  no_phones_per_user_ip,
  no_failed_verifies_per_user_ip,
  no_attempts,
  no_month,
  forgetful_restart,
  no_stamps,
  no_fence,
  parks_unguarded,
};

struct MutationName {
  Mutation mutation;
  std::string_view name;
  std::string_view meaning;
  bool is_of_many = false;  ///< Only among several nodes.
};
inline constexpr std::array mutation_names{
    MutationName{Mutation::told_early, "told-early", "told before it is kept"},
    MutationName{Mutation::applied_twice, "applied-twice", "effects of a task that is applied twice"},
    MutationName{Mutation::applied_again, "applied-again", "effects of a task that is applied again a batch later"},
    MutationName{Mutation::no_cooldown, "no-cooldown", "a limit forgotten: the cooldown"},
    MutationName{Mutation::no_sends_per_phone, "no-sends-per-phone", "a limit forgotten: sends of a phone"},
    MutationName{Mutation::no_locks_per_phone, "no-locks-per-phone", "a limit forgotten: locks of a phone"},
    MutationName{Mutation::no_sends_per_user_ip, "no-sends-per-user-ip", "a limit forgotten: sends of an address"},
    MutationName{Mutation::no_phones_per_user_ip, "no-phones-per-user-ip", "a limit forgotten: phones of an address"},
    MutationName{Mutation::no_failed_verifies_per_user_ip, "no-failed-verifies-per-user-ip",
                 "a limit forgotten: failed verifies of an address"},
    MutationName{Mutation::no_attempts, "no-attempts", "a limit forgotten: guesses at a code"},
    MutationName{Mutation::no_month, "no-month", "a limit forgotten: the month's volume"},
    MutationName{Mutation::forgetful_restart, "forgetful-restart",
                 "a limit forgotten by a restart: what is in no run yet"},
    MutationName{Mutation::no_stamps, "no-stamps", "a commit is kept whatever its rows have become meanwhile", true},
    MutationName{Mutation::no_fence, "no-fence", "a node that was taken for dead writes on", true},
    MutationName{Mutation::parks_unguarded, "parks-unguarded",
                 "a receipt and its response at two nodes: each looks, neither sees the other", true},
};

constexpr std::optional<Mutation> mutation_named(std::string_view name) {
  for (const MutationName& each : mutation_names)
    if (each.name == name) return each.mutation;
  return std::nullopt;
}

}  // namespace xion::sim
