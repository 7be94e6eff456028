# Warnings, sanitizers, ccache and the linker, for every target of ours.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

set(USHER_SANITIZE "" CACHE STRING "address;undefined, or thread, or nothing")
option(USHER_COVERAGE "Instrument for coverage" OFF)

find_program(USHER_CCACHE ccache)
if(USHER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${USHER_CCACHE})
endif()

find_program(USHER_MOLD mold)
if(USHER_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(usher_options INTERFACE)
target_compile_options(usher_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror=return-type
                                               -fno-omit-frame-pointer)
# gcc 12 sees phantom overflows in libstdc++'s inlined string code at -O2 and -O3 (gcc bug 105329 and its kin), and uses
# of the half of a std::expected that is not there.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(usher_options INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
                                                 -Wno-maybe-uninitialized)
endif()
target_include_directories(usher_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)

if(USHER_SANITIZE)
  string(REPLACE ";" "," list "${USHER_SANITIZE}")
  add_compile_options(-fsanitize=${list} -fno-sanitize-recover=all -g1)
  add_link_options(-fsanitize=${list})
endif()

if(USHER_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
