# Debian 12 for arm64 on another machine, where Debian's cross compiler and the libraries of that architecture are installed:
#   dpkg --add-architecture arm64 && apt-get update
#   apt-get install crossbuild-essential-arm64 qemu-user libssl-dev:arm64 … (what cmake/packages lists for `demo`, each with :arm64)
#   cmake --preset arm64 && cmake --build --preset arm64 && cd build/arm64 && cpack
# The completion scripts are what xionctl prints: qemu runs it.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(PKG_CONFIG_EXECUTABLE aarch64-linux-gnu-pkg-config CACHE STRING "")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)
set(XION_DEB_ARCHITECTURE arm64)
