#pragma once
#include <cstdio>
#include <cstdlib>

/// A broken invariant ends the process, in a release too: going on would acknowledge what is not so.
#define XION_ASSERT(condition)                                                               \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: invariant broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
