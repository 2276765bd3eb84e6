#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/owners/directory.h"
#include "base/time.h"
#include "wire/value.h"

namespace xion::control {

/// The first thing that is wrong with a document, which is what is told of it.
class DocumentFault {
 public:
  /// `where`: "apps[0].keys[2].hash"
  void note(std::string_view where, std::string_view sentence, std::string_view hint = {});
  bool is_any() const { return first_.has_value(); }
  const std::optional<Refusal>& first() const { return first_; }

 private:
  std::optional<Refusal> first_;
};

/// The members of one object of a document, each read as what it has to be. What is missing, foreign or of another type
/// is a fault, and reads as nothing.
class DocumentFields {
 public:
  /// `known`: all that it may have.
  DocumentFields(const wire::Value& value, std::string where, std::initializer_list<std::string_view> known,
                 DocumentFault& fault);

  std::string text(std::string_view name);
  std::string text_or(std::string_view name, std::string_view otherwise);
  bool truth_or(std::string_view name, bool otherwise);
  std::int64_t whole_or(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t otherwise);
  std::vector<std::string> texts(std::string_view name);
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view name);
  /// Empty where there is none.
  std::span<const wire::Value> objects(std::string_view name);
  std::optional<WallTime> time(std::string_view name);
  /// The same of what has to have been; nothing where the document doesn't say it.
  WallTime time_or(std::string_view name, WallTime otherwise) { return time(name).value_or(otherwise); }
  /// Octets in hexadecimal; `count` 0: any number of them, but one at least.
  std::string octets(std::string_view name, std::size_t count);

  bool has(std::string_view name) const { return value_.find(name) != nullptr; }
  std::string where(std::string_view name) const;
  void note(std::string_view name, std::string_view sentence, std::string_view hint = {});
  const std::string& path() const { return where_; }

 private:
  /// Of that type; null where it is not there, or a fault.
  template <typename T>
  const T* member(std::string_view name, std::string_view expected);

  const wire::Value& value_;
  std::string where_;
  DocumentFault& fault_;
};

}  // namespace xion::control
