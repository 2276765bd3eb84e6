# xion_layer(NAME DIR [COLD] [WINGS …] DEPENDS …) — one static library for each layer: the sources of DIR, and of its folders WINGS. COLD is one
# that computes so little in the tests that `xion_unoptimized` pays.
#
# A layer's headers are seen as "NAME/file.h" and only by who depends on it: each layer has an include root of its own,
# which holds nothing but a link to its folder. An include against the arrows of ARCHITECTURE.md does not compile.
find_package(PkgConfig REQUIRED)

# xion_in_one_piece(TARGET) — where XION_UNITY compiles in a few large pieces: names local to a file are its own in the whole layer, which
# `lint: house` sees.
function(xion_in_one_piece TARGET)
  if(XION_UNITY)
    set_target_properties(${TARGET} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 40)
  endif()
endfunction()

function(xion_layer NAME DIR)
  cmake_parse_arguments(LAYER "COLD" "" "WINGS;DEPENDS;PRIVATE" ${ARGN})
  set(root ${CMAKE_BINARY_DIR}/layers/${NAME})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${DIR} ${root}/${NAME} SYMBOLIC)
  set(globs ${DIR}/*.cpp)
  foreach(wing IN LISTS LAYER_WINGS)
    list(APPEND globs ${DIR}/${wing}/*.cpp)
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${globs})
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(xion_${NAME} STATIC ${sources})
    target_include_directories(xion_${NAME} PUBLIC ${root})
    target_link_libraries(xion_${NAME} PUBLIC ${LAYER_DEPENDS} PRIVATE xion_options ${LAYER_PRIVATE})
    xion_in_one_piece(xion_${NAME})
    if(LAYER_COLD)
      xion_unoptimized(xion_${NAME})
    else()
      xion_parse_once(xion_${NAME})
    endif()
  else()
    add_library(xion_${NAME} INTERFACE)
    target_include_directories(xion_${NAME} INTERFACE ${root})
    target_link_libraries(xion_${NAME} INTERFACE ${LAYER_DEPENDS})
  endif()
endfunction()

# xion_package(NAME pkg-config-name) — a Debian library by its pkg-config file, as a system include.
function(xion_package NAME MODULE)
  pkg_check_modules(${NAME} REQUIRED IMPORTED_TARGET GLOBAL ${MODULE})
endfunction()

# Debian's own: python3-yaml is for it, and others on the PATH may be a script that looks for one, ten times as long as a test's start.
find_program(XION_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(absl REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
xion_package(OPENSSL libcrypto)
xion_package(OPENSSL_SSL libssl)
xion_package(EVENT libevent_core)
xion_package(EVENT_EXTRA libevent_extra)
xion_package(EVENT_OPENSSL libevent_openssl)
xion_package(LIBSMPP34 libsmpp34)
xion_package(LMDB lmdb)
xion_package(POSTGRES libpq)
xion_package(TOMLPP tomlplusplus)
xion_package(SIMDJSON simdjson)
xion_package(SYSTEMD libsystemd)
xion_package(CURL libcurl)
xion_package(ZLIB zlib)
xion_package(JEMALLOC jemalloc)
