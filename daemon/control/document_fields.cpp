#include "control/document_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/read_time.h"
#include "base/suggest.h"

namespace xion::control {

void DocumentFault::note(std::string_view where, std::string_view sentence, std::string_view hint) {
  if (!first_)
    first_ = Refusal{fmt::format("{}: {}", where.empty() ? "the document" : where, sentence), std::string(hint)};
}

DocumentFields::DocumentFields(const wire::Value& value, std::string where,
                               std::initializer_list<std::string_view> known, DocumentFault& fault)
    : value_(value), where_(std::move(where)), fault_(fault) {
  if (value.object() == nullptr) fault.note(where_, "expected an object");
  if (value.object() == nullptr) return;
  for (const auto& [name, member] : *value.object()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto meant = closest(name, std::span(known.begin(), known.size()));
    note(name.substr(0, 64), "there is no such member", meant ? fmt::format("did you mean {}?", *meant) : "");
  }
}

std::string DocumentFields::where(std::string_view name) const {
  return where_.empty() ? std::string(name) : fmt::format("{}.{}", where_, name);
}

void DocumentFields::note(std::string_view name, std::string_view sentence, std::string_view hint) {
  fault_.note(where(name), sentence, hint);
}

template <typename T>
const T* DocumentFields::member(std::string_view name, std::string_view expected) {
  const wire::Value* value = value_.find(name);
  const T* found = value != nullptr ? std::get_if<T>(&value->data) : nullptr;
  if (value != nullptr && found == nullptr) note(name, fmt::format("expected {}", expected));
  return found;
}

std::string DocumentFields::text(std::string_view name) {
  if (!has(name)) note(name, "it is missing");
  return text_or(name, "");
}

std::string DocumentFields::text_or(std::string_view name, std::string_view otherwise) {
  const auto* text = member<std::string>(name, "a string");
  return text != nullptr ? *text : std::string(otherwise);
}

bool DocumentFields::truth_or(std::string_view name, bool otherwise) {
  const auto* truth = member<bool>(name, "true or false");
  return truth != nullptr ? *truth : otherwise;
}

std::int64_t DocumentFields::whole_or(std::string_view name, std::int64_t least, std::int64_t most,
                                      std::int64_t otherwise) {
  const std::string expected = fmt::format("a whole number, {} to {}", least, most);
  const auto* whole = member<std::int64_t>(name, expected);
  if (whole == nullptr) return otherwise;
  if (*whole >= least && *whole <= most) return *whole;
  note(name, fmt::format("expected {}", expected));
  return otherwise;
}

std::vector<std::string> DocumentFields::texts(std::string_view name) {
  constexpr std::string_view expected = "an array of strings";
  std::vector<std::string> all;
  const auto* array = member<wire::Value::Array>(name, expected);
  if (array == nullptr) return all;
  for (const wire::Value& one : *array) {
    if (one.text() == nullptr) note(name, fmt::format("expected {}", expected));
    all.push_back(one.text() != nullptr ? *one.text() : std::string());
  }
  return all;
}

std::vector<std::pair<std::string, std::string>> DocumentFields::pairs(std::string_view name) {
  std::vector<std::pair<std::string, std::string>> all;
  const auto* object = member<wire::Value::Object>(name, "an object of strings");
  if (object == nullptr) return all;
  for (const auto& [key, value] : *object) {
    if (value.text() == nullptr) note(fmt::format("{}.{}", name, key), "expected a string");
    all.emplace_back(key, value.text() != nullptr ? *value.text() : std::string());
  }
  return all;
}

std::span<const wire::Value> DocumentFields::objects(std::string_view name) {
  const auto* array = member<wire::Value::Array>(name, "an array of objects");
  return array != nullptr ? std::span<const wire::Value>(*array) : std::span<const wire::Value>();
}

std::optional<WallTime> DocumentFields::time(std::string_view name) {
  const auto* text = member<std::string>(name, "a time");
  if (text == nullptr) return std::nullopt;
  const auto at = read_rfc3339(*text);
  if (!at) note(name, "expected a time such as 2026-02-12T12:00:00.000Z");
  return at;
}

std::string DocumentFields::octets(std::string_view name, std::size_t count) {
  const std::string digits = text(name);
  auto octets = from_hex(digits);
  if (!octets || octets->empty() || (count != 0 && octets->size() != count)) {
    note(name, count == 0 ? std::string("expected hexadecimal digits, two an octet")
                          : fmt::format("expected {} hexadecimal digits", 2 * count));
    return std::string(count, '\0');
  }
  return std::move(*octets);
}

}  // namespace xion::control
