# Fuzz targets: one source each, with LLVMFuzzerTestOneInput. In the preset `fuzz` libFuzzer drives them; in every other
# one a small main plays the kept inputs of tests/fuzz/corpus/NAME, so that what was found once stays mended.

option(USHER_FUZZ "Build the fuzz targets with libFuzzer (clang)" OFF)

if(USHER_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "libFuzzer comes with clang")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

# usher_fuzz_target(NAME SOURCES file.cpp … LIBS library …)
function(usher_fuzz_target name)
  cmake_parse_arguments(FUZZ "" "" "SOURCES;LIBS" ${ARGN})
  set(target usher_fuzz_${name})
  add_executable(${target} ${FUZZ_SOURCES})
  target_link_libraries(${target} PRIVATE ${FUZZ_LIBS} usher_options)
  set(kept ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  if(USHER_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    add_test(NAME "fuzz: ${name}" COMMAND ${target} -runs=0 ${kept})
  else()
    target_sources(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/replay.cpp)
    add_test(NAME "fuzz: ${name}" COMMAND ${target} ${kept})
  endif()
  set_tests_properties("fuzz: ${name}" PROPERTIES TIMEOUT 120 LABELS fuzz)
endfunction()
