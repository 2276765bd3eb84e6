#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/parse.h"
#include "cli/run.h"

int main(int argc, char** argv) {
  using namespace xion::cli;
  const auto wanted = parse(std::vector<std::string>(argv + 1, argv + argc));
  if (wanted) return run(*wanted);
  fmt::print(wanted.error().code == done ? stdout : stderr, "{}", wanted.error().text);
  return wanted.error().code;
}
