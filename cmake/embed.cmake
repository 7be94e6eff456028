# Builds text files into the program: a generated source, written anew when a file comes, goes or changes.

# The numbered SQL files of `dir` become `store::embedded_migrations()`.
function(usher_embed_migrations target dir)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${dir}/[0-9][0-9][0-9][0-9]_*.sql)
  list(SORT files)
  set(entries "")
  foreach(file IN LISTS files)
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(stem ${file} NAME_WE)
    string(REGEX MATCH "^0*([0-9]+)_(.*)$" matched ${stem})
    set(number ${CMAKE_MATCH_1})
    set(name ${CMAKE_MATCH_2})
    file(READ ${file} text)
    string(APPEND entries "    {${number}, \"${name}\", R\"usher_sql(${text})usher_sql\"},\n")
  endforeach()
  list(LENGTH files count)
  set(source ${CMAKE_BINARY_DIR}/generated/store/embedded_migrations.cpp)
  string(CONCAT text "// Generated from ${dir}.\n#include <array>\n\n#include \"store/migrations.hpp\"\n\n"
                     "namespace usher::store {\n\nnamespace {\n\n"
                     "constexpr std::array<migration, ${count}> all{{\n${entries}}};\n\n}  // namespace\n\n"
                     "std::span<const migration> embedded_migrations() noexcept { return all; }\n\n"
                     "}  // namespace usher::store\n")
  set(former "")
  if(EXISTS ${source})
    file(READ ${source} former)
  endif()
  if(NOT former STREQUAL text)
    file(WRITE ${source} "${text}")
  endif()
  target_sources(${target} PRIVATE ${source})
endfunction()

# The pattern library and the model of `dir` become part of the program; the assembler reads the files.
function(usher_embed_classifier target dir)
  set(patterns ${CMAKE_SOURCE_DIR}/${dir}/patterns.tsv)
  set(model ${CMAKE_SOURCE_DIR}/${dir}/model.bin)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/classifier/embedded.cpp PROPERTIES
    OBJECT_DEPENDS "${patterns};${model}"
    COMPILE_DEFINITIONS "USHER_PATTERN_FILE=\"${patterns}\";USHER_MODEL_FILE=\"${model}\"")
endfunction()

# The files named become `load::shipped_files()`; each line is a literal of its own: compilers need not take long ones.
function(usher_embed_load_files target)
  set(entries "")
  list(LENGTH ARGN count)
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME)
    file(READ ${file} text)
    string(REGEX REPLACE "\n" "\n)usher_file\" R\"usher_file(" text "${text}")
    string(APPEND entries "    {\"${name}\", R\"usher_file(${text})usher_file\"},\n")
  endforeach()
  set(source ${CMAKE_BINARY_DIR}/generated/loadtest/shipped_files.cpp)
  string(CONCAT text "// Generated.\n#include <array>\n\n#include \"loadtest/shipped.hpp\"\n\nnamespace usher::load {\n\n"
                     "namespace {\n\nconst std::array<shipped_file, ${count}> all{{\n${entries}}};\n\n}  // namespace\n\n"
                     "std::span<const shipped_file> shipped_files() noexcept { return all; }\n\n"
                     "}  // namespace usher::load\n")
  set(former "")
  if(EXISTS ${source})
    file(READ ${source} former)
  endif()
  if(NOT former STREQUAL text)
    file(WRITE ${source} "${text}")
  endif()
  target_sources(${target} PRIVATE ${source})
endfunction()
