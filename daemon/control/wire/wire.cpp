#include "wire/wire.h"

#include <utility>

namespace xion::wire {

std::optional<std::string_view> Request::text(std::string_view name) const {
  const Value* value = args.find(name);
  if (value == nullptr || value->text() == nullptr) return std::nullopt;
  return *value->text();
}

std::optional<std::int64_t> Request::number(std::string_view name) const {
  const Value* value = args.find(name);
  if (value == nullptr || value->whole() == nullptr) return std::nullopt;
  return *value->whole();
}

bool Request::flag(std::string_view name) const {
  const Value* value = args.find(name);
  return value != nullptr && value->truth() != nullptr && *value->truth();
}

std::vector<std::string> Request::texts(std::string_view name) const {
  std::vector<std::string> found;
  const Value* value = args.find(name);
  if (value == nullptr || value->array() == nullptr) return found;
  for (const auto& element : *value->array()) {
    if (element.text() != nullptr) found.push_back(*element.text());
  }
  return found;
}

std::map<std::string, std::string> Request::pairs(std::string_view name) const {
  std::map<std::string, std::string> found;
  const Value* value = args.find(name);
  if (value == nullptr || value->object() == nullptr) return found;
  for (const auto& [key, member] : *value->object()) {
    if (member.text() != nullptr) found.emplace(key, *member.text());
  }
  return found;
}

Answer Answer::done(std::string result_json) { return {.result = std::move(result_json), .detail = {}, .hint = {}}; }

Answer Answer::line(std::string result_json, std::uint64_t missed) {
  return {.more = true, .missed = missed, .result = std::move(result_json), .detail = {}, .hint = {}};
}

Answer Answer::refused(std::string detail, std::string hint) {
  return {.ok = false, .result = {}, .code = Refusal::refused, .detail = std::move(detail), .hint = std::move(hint)};
}

Answer Answer::misused(std::string detail, std::string hint) {
  return {.ok = false, .result = {}, .code = Refusal::usage, .detail = std::move(detail), .hint = std::move(hint)};
}

std::string encode(const Request& request) {
  JsonWriter out;
  out.begin_object().field("command", request.command).key("args");
  write_json(out, request.args);
  if (!request.by.empty()) out.field("by", request.by);
  out.end_object();
  return std::move(out).str() + '\n';
}

std::string encode(const Answer& answer) {
  JsonWriter out;
  out.begin_object().field("ok", answer.ok);
  if (answer.ok) {
    if (answer.more) out.field("more", true);
    if (answer.missed > 0) out.field("missed", answer.missed);
    if (!answer.result.empty()) out.key("result").raw(answer.result);
  } else {
    out.field("code", answer.code == Refusal::usage ? "usage" : "refused").field("detail", answer.detail);
    if (!answer.hint.empty()) out.field("hint", answer.hint);
  }
  out.end_object();
  return std::move(out).str() + '\n';
}

std::expected<Request, std::string> decode_request(std::string_view line) {
  auto value = parse_json(line);
  if (!value || value->object() == nullptr) return std::unexpected("expected one JSON object on a line");
  const Value* command = value->find("command");
  if (command == nullptr || command->text() == nullptr) return std::unexpected("\"command\" is missing");
  Request request{.command = *command->text()};
  if (const Value* args = value->find("args")) {
    if (args->object() == nullptr) return std::unexpected("\"args\" is not an object");
    request.args = *args;
  }
  if (const Value* by = value->find("by"); by != nullptr && by->text() != nullptr) request.by = *by->text();
  return request;
}

std::expected<Answer, std::string> decode_answer(std::string_view line) {
  const auto value = parse_json(line);
  const Value* ok = value ? value->find("ok") : nullptr;
  if (ok == nullptr || ok->truth() == nullptr) return std::unexpected("the answer is not one of this protocol");
  if (*ok->truth()) {
    const Value* result = value->find("result");
    const Value* more = value->find("more");
    const bool is_stream = more != nullptr && more->truth() != nullptr && *more->truth();
    const Value* missed = value->find("missed");
    const auto left_out =
        missed != nullptr && missed->whole() != nullptr ? static_cast<std::uint64_t>(*missed->whole()) : 0;
    if (result == nullptr && is_stream) return Answer::line({}, left_out);
    if (result == nullptr) return std::unexpected("the answer has no result");
    JsonWriter out;
    write_json(out, *result);
    return is_stream ? Answer::line(std::move(out).str(), left_out) : Answer::done(std::move(out).str());
  }
  const auto sentence = [&](std::string_view name) {
    const Value* member = value->find(name);
    return member != nullptr && member->text() != nullptr ? *member->text() : std::string();
  };
  return sentence("code") == "usage" ? Answer::misused(sentence("detail"), sentence("hint"))
                                     : Answer::refused(sentence("detail"), sentence("hint"));
}

}  // namespace xion::wire
