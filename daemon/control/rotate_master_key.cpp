#include "app/owners/key_rotation.h"
#include "base/bytes.h"
#include "base/json_writer.h"
#include "base/secret.h"
#include "base/secret_key.h"
#include "control/verb.h"

namespace xion::control {
namespace {

/// In steps, so that whoever keeps the key's file can put the new one in its place between them, on each node.
void rotate_master_key(Command command) {
  constexpr std::size_t master_key_digits = 64;
  const Secret digits(command.required("key"));
  const Secret octets(from_hex(digits.reveal()).value_or(""));
  const std::string step = command.required("step");
  if (octets.reveal().size() != SecretKey::size || digits.reveal().size() != master_key_digits)
    return command.misuse("key: expected 64 hexadecimal digits");
  if (step != "begin" && step != "take" && step != "finish")
    return command.misuse("step: expected begin, take or finish");
  const SecretKey master(octets.reveal());
  KeyRotation& rotation = *command.services.key_rotation;
  const auto told = [command, step](const std::expected<void, Refusal>& outcome) {
    if (!outcome) return command.refuse(outcome.error());
    command.done(JsonWriter().begin_object().field("step", step).end_object().str());
  };
  if (step == "begin")
    rotation.begin(master, told);
  else if (step == "take")
    rotation.take(master, told);
  else
    rotation.finish(master, told);
}

}  // namespace

Verbs rotate_master_key_verbs() {
  static constexpr Verb verbs[] = {{"rotate-master-key", rotate_master_key}};
  static_assert(is_every_verb_of("rotate-master-key", verbs));
  return verbs;
}

}  // namespace xion::control
