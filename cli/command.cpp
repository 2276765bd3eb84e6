#include "cli/command.h"

namespace xion::cli {

std::string Command::name() const {
  std::string full(noun);
  if (!verb.empty()) full.append(" ").append(verb);
  return full;
}

std::string Invocation::text(std::string_view name, std::string_view otherwise) const {
  const wire::Value* value = args.find(name);
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string(otherwise);
}

bool Invocation::flag(std::string_view name) const {
  const wire::Value* given = args.find(name);
  const wire::Value* value = given != nullptr ? given : local.find(name);
  return value != nullptr && value->truth() != nullptr && *value->truth();
}

}  // namespace xion::cli
