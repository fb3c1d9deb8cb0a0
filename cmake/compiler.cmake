# Flags that decide results or warnings. A sum must have the same bits on every machine, so the
# compiler may neither fuse multiply and add nor reorder.
add_library(prodigest_compiler INTERFACE)
target_compile_features(prodigest_compiler INTERFACE cxx_std_20)
target_compile_options(prodigest_compiler INTERFACE
  -ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)

set(PRODIGEST_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")
if(PRODIGEST_SANITIZE)
  target_compile_options(prodigest_compiler INTERFACE
    -fsanitize=${PRODIGEST_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(prodigest_compiler INTERFACE -fsanitize=${PRODIGEST_SANITIZE})
endif()

find_program(PRODIGEST_CCACHE ccache)
if(PRODIGEST_CCACHE AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PRODIGEST_CCACHE})
endif()
