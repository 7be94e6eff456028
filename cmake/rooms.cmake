# A room is a folder of sources, a static library, and the list of what it may see.

# The sources of a folder, read anew when one comes or goes. Subfolders are rooms or data of their own.
function(usher_sources target dir)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${dir}/*.cpp)
  target_sources(${target} PRIVATE ${sources})
  target_link_libraries(${target} PRIVATE usher_options)
endfunction()

function(usher_room name)
  cmake_parse_arguments(ROOM "" "DIR" "LIBS" ${ARGN})
  if(NOT ROOM_DIR)
    set(ROOM_DIR ${name})
  endif()
  add_library(usher_${name} STATIC)
  usher_sources(usher_${name} ${ROOM_DIR})
  target_link_libraries(usher_${name} PUBLIC ${ROOM_LIBS})
endfunction()

# The one header of `actors` that `net` sees.
add_library(usher_gateway INTERFACE)
target_link_libraries(usher_gateway INTERFACE usher_domain)
