# Debian 12 for arm64 on Debian 12 of another architecture, by Debian's cross compiler and its own libraries of arm64, which stand beside the machine's.
# As root (in a container, where the machine's packages shall stay as they are), then as anybody:
#   dpkg --add-architecture arm64 && cmake/packages arm64
#   cmake --preset arm64 && cmake --build --preset arm64 && cd build/arm64 && cpack
# The completion scripts are what xionctl prints: qemu runs it, as it runs the rest to try it: qemu-aarch64 bin/xiond --version.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(PKG_CONFIG_EXECUTABLE aarch64-linux-gnu-pkg-config CACHE STRING "")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
set(XION_DEB_ARCHITECTURE arm64)
