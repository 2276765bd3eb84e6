# What every target is compiled with: warnings are errors, sanitizers where asked for, ccache and lld where they are.
add_library(xion_options INTERFACE)
target_compile_options(xion_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror -fno-omit-frame-pointer)
# libsmpp34, LMDB and simdjson come as C or heavy headers: system includes, so their warnings are not ours.
if(XION_SHIPPED)
  # Where it was built is nobody's business, and two builds of one source are the same. Of two that fit the last counts.
  target_compile_options(xion_options INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=./build)
  # By which its debug symbols are found; linkers' own are of several lengths.
  target_link_options(xion_options INTERFACE -Wl,--build-id=sha1)
endif()
if(XION_UNITY)
  # Local names of one file are seen by the next.
  target_compile_options(xion_options INTERFACE -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(XION_SANITIZE)
  # Without vptr: its check opens a pipe, and reports a wrong type where file descriptors are out, which a test plays.
  target_compile_options(xion_options INTERFACE -fsanitize=${XION_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all)
  if(XION_SANITIZE_BUT)
    target_compile_options(xion_options INTERFACE -fno-sanitize=${XION_SANITIZE_BUT})
  endif()
  target_link_options(xion_options INTERFACE -fsanitize=${XION_SANITIZE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND XION_SANITIZE)
  # g++ 12 sees phantom problems through instrumented std::variant and std::string.
  target_compile_options(xion_options INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC bug 105651: false positives in std::string. Behind a precompiled header g++ tells them of lines of its own headers, too.
  target_compile_options(xion_options INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # std::stable_sort of libstdc++ 12 calls what C++17 deprecates; clang tells it of our line. Changes of sign are no part of g++'s -Wconversion.
  target_compile_options(xion_options INTERFACE -Wno-deprecated-declarations -Wno-sign-conversion)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT XION_SANITIZE)
  # The same behind a precompiled header at -O2: looks and copies that are taken to be of any length.
  target_compile_options(xion_options INTERFACE -Wno-stringop-overread)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE MATCHES "^Rel")
  # At -O2 g++ 12 takes a std::expected that is handed on by value for one that may never have been made; the inner loop warns on.
  target_compile_options(xion_options INTERFACE -Wno-maybe-uninitialized)
endif()

# What is shipped is hardened: OpenSSF's guide for C and C++. tests/security/hardening reads the binary.
if(CMAKE_BUILD_TYPE MATCHES "^Rel" AND NOT XION_SANITIZE)
  target_compile_options(xion_options INTERFACE -fstack-protector-strong -fstack-clash-protection -fPIE)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(xion_options INTERFACE -fcf-protection)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    target_compile_options(xion_options INTERFACE -mbranch-protection=standard)
  endif()
  target_compile_definitions(xion_options INTERFACE _FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
endif()
target_link_options(xion_options INTERFACE $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie> -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
# A program loads the libraries that it calls, not all that its layers could: xiond half of them.
target_link_options(xion_options INTERFACE -Wl,--as-needed)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  # A char has no sign there by itself; what is tested elsewhere is what runs.
  target_compile_options(xion_options INTERFACE -fsigned-char)
endif()

# xion_leaks_when_asked(TARGET) — a program of which tests start thousands: cmake/leaks_when_asked.cpp.
function(xion_leaks_when_asked TARGET)
  if(XION_SANITIZE MATCHES address)
    target_sources(${TARGET} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/leaks_when_asked.cpp)
  endif()
endfunction()

find_program(CCACHE ccache)
if(CCACHE)
  # Without these ccache lets go of every piece that stands on a precompiled header, or was checked out a moment ago; and it reads those
  # ninety megabytes for each.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_INODECACHE=true ${CCACHE})
endif()
find_program(LLD ld.lld)
if(LLD)
  target_link_options(xion_options INTERFACE -fuse-ld=lld)
endif()

# The library headers that most pieces read are parsed once. A file includes what it uses all the same: -DXION_PCH=OFF of the
# inner loop, file by file, sees what is missing.
if(XION_PCH)
  find_package(fmt REQUIRED)
  foreach(parsed xion_parsed xion_parsed_unoptimized)
    add_library(${parsed} OBJECT EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/parsed.cpp)
    target_link_libraries(${parsed} PRIVATE xion_options fmt::fmt)
    target_precompile_headers(${parsed} PRIVATE
      <algorithm> <array> <bit> <charconv> <chrono> <compare> <concepts> <cstddef> <cstdint> <cstdio> <cstdlib> <cstring> <deque>
      <expected> <functional> <initializer_list> <iterator> <limits> <list> <map> <memory> <numeric> <optional> <ranges> <set> <span>
      <string> <string_view> <tuple> <type_traits> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)
  endforeach()
  target_compile_options(xion_parsed_unoptimized PRIVATE -O0)
endif()
function(xion_parse_once)
  if(XION_PCH)
    foreach(target IN LISTS ARGN)
      target_precompile_headers(${target} REUSE_FROM xion_parsed)
    endforeach()
  endif()
endfunction()

# xion_unoptimized(TARGETS…) — code of tests, in tests/run's build: it runs once, and to compile it takes half as long. Its precompiled
# header is one of its own.
function(xion_unoptimized)
  if(XION_PCH AND XION_UNITY AND XION_SANITIZE)
    foreach(target IN LISTS ARGN)
      target_compile_options(${target} PRIVATE -O0)
      target_precompile_headers(${target} REUSE_FROM xion_parsed_unoptimized)
    endforeach()
  else()
    xion_parse_once(${ARGN})
  endif()
endfunction()

# xion_fuzzed(TARGETS…) — what a fuzzer looks into: it is told of each branch taken there, as by -fsanitize=fuzzer-no-link, which
# the precompiled header would have to share.
function(xion_fuzzed)
  if(XION_FUZZ)
    foreach(target IN LISTS ARGN)
      target_compile_options(${target} PRIVATE -fsanitize-coverage=inline-8bit-counters,indirect-calls,trace-cmp,pc-table)
    endforeach()
  endif()
endfunction()
