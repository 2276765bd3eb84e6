#include "cli/shown_command.h"

namespace xion::cli {

namespace {

const wire::Value* find(const Invocation& wanted, std::string_view name) {
  const wire::Value* told = wanted.args.find(name);
  return told != nullptr ? told : wanted.local.find(name);
}

}  // namespace

std::string Invocation::text(std::string_view name, std::string_view otherwise) const {
  const wire::Value* value = find(*this, name);
  return value != nullptr && value->text() != nullptr ? *value->text() : std::string(otherwise);
}

bool Invocation::flag(std::string_view name) const {
  const wire::Value* value = find(*this, name);
  return value != nullptr && value->truth() != nullptr && *value->truth();
}

std::optional<std::int64_t> Invocation::number(std::string_view name) const {
  const wire::Value* value = find(*this, name);
  return value != nullptr && value->whole() != nullptr ? std::optional(*value->whole()) : std::nullopt;
}

}  // namespace xion::cli
