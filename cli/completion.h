#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shown_command.h"

namespace xion::cli {

/// Asks the daemon for what a list command answers; nothing where there is none. Completion never complains.
using AskList = std::function<wire::Value::Array(const std::string& socket, std::string_view command)>;

/// What may stand in place of the last of `words` (the text begun, perhaps empty), each with its description.
struct Candidate {
  std::string text;
  std::string description;
};
std::vector<Candidate> candidates(const std::vector<std::string>& words, const AskList& ask_list);

/// `xionctl __complete WORD …`, which the shells' scripts call: a candidate a line, a tab, its description.
ExitCode complete(const std::vector<std::string>& words);
/// `xionctl completion bash|zsh|fish`: the script for that shell.
ExitCode print_completion(const Invocation& wanted);

}  // namespace xion::cli
