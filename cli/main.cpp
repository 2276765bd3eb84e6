#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/completion.h"
#include "cli/parse.h"
#include "cli/run.h"

int main(int argc, char** argv) {
  using namespace xion::cli;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words.front() == "__complete") return complete({words.begin() + 1, words.end()});
  const auto wanted = parse(words);
  if (wanted) return run(*wanted);
  fmt::print(wanted.error().code == done ? stdout : stderr, "{}", wanted.error().text);
  return wanted.error().code;
}
