# What every target is compiled with: warnings are errors, sanitizers where asked for, ccache and lld where they are.
add_library(xion_options INTERFACE)
target_compile_options(xion_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror -fno-omit-frame-pointer)
# libsmpp34, LMDB and simdjson come as C or heavy headers: system includes, so their warnings are not ours.
if(XION_UNITY)
  # Local names of one file are seen by the next.
  target_compile_options(xion_options INTERFACE -Wno-shadow -Wno-subobject-linkage)
endif()
if(XION_SANITIZE)
  # Without vptr: its check opens a pipe, and reports a wrong type where file descriptors are out, which a test plays.
  target_compile_options(xion_options INTERFACE -fsanitize=${XION_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all)
  target_link_options(xion_options INTERFACE -fsanitize=${XION_SANITIZE})
endif()
if(XION_FUZZ)
  target_compile_options(xion_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
  target_link_options(xion_options INTERFACE -fsanitize=address,undefined)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND XION_SANITIZE)
  # g++ 12 sees phantom problems through instrumented std::variant and std::string.
  target_compile_options(xion_options INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(xion_options INTERFACE -Wno-restrict)  # GCC bug 105651: false positive in std::string
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(LLD ld.lld)
if(LLD)
  target_link_options(xion_options INTERFACE -fuse-ld=lld)
endif()
