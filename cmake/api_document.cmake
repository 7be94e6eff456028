# The OpenAPI document, joined from net/openapi, the page that shows it, and the console, built into a target.

find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
find_program(USHER_NPM npm REQUIRED)

function(usher_embed_api_document target)
  set(out ${CMAKE_BINARY_DIR}/generated/net)
  set(source ${CMAKE_SOURCE_DIR}/net/openapi)
  file(MAKE_DIRECTORY ${out})
  file(GLOB themes CONFIGURE_DEPENDS ${source}/*.json)
  list(REMOVE_ITEM themes ${source}/desk.json)
  add_custom_command(
    OUTPUT ${out}/openapi.json
    COMMAND Python3::Interpreter ${source}/join.py ${PROJECT_VERSION} ${out}/openapi.json ${source}/desk.json ${themes}
    DEPENDS ${source}/join.py ${source}/desk.json ${themes}
    COMMENT "Joining the OpenAPI document" VERBATIM)

  # Two files of a package whose lock file names their hashes. They are copied, since npm gives files of a package the
  # date of 1985, which is always older than what they depend on.
  set(page ${CMAKE_SOURCE_DIR}/net/docs_page)
  set(packages ${CMAKE_BINARY_DIR}/docs_page)
  set(from_npm swagger-ui.css swagger-ui-bundle.js)
  list(TRANSFORM from_npm PREPEND ${packages}/node_modules/swagger-ui-dist/ OUTPUT_VARIABLE unpacked)
  list(TRANSFORM from_npm PREPEND ${out}/ OUTPUT_VARIABLE parts)
  add_custom_command(
    OUTPUT ${parts}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${packages}
    COMMAND ${CMAKE_COMMAND} -E copy ${page}/package.json ${page}/package-lock.json ${page}/.npmrc ${packages}
    COMMAND ${CMAKE_COMMAND} -E chdir ${packages} ${USHER_NPM} ci --prefer-offline --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E copy ${unpacked} ${out}
    COMMAND ${CMAKE_COMMAND} -E touch ${parts}
    DEPENDS ${page}/package.json ${page}/package-lock.json ${page}/.npmrc
    COMMENT "Fetching the parts of the page at /docs" VERBATIM)

  set(files
      openapi.json=${out}/openapi.json
      docs.html=${page}/index.html
      start.js=${page}/start.js
      swagger-ui.css=${out}/swagger-ui.css
      swagger-ui-bundle.js=${out}/swagger-ui-bundle.js)
  set(console ${CMAKE_SOURCE_DIR}/net/console_page)
  set(console_files console.html console.css console.js)
  foreach(file IN LISTS console_files)
    list(APPEND files console/${file}=${console}/${file})
  endforeach()
  list(TRANSFORM console_files PREPEND ${console}/)
  set(embed ${CMAKE_SOURCE_DIR}/cmake/embed_files.py)
  add_custom_command(
    OUTPUT ${out}/embedded_files.cpp
    COMMAND Python3::Interpreter ${embed} ${out}/embedded_files.cpp ${files}
    DEPENDS ${embed} ${out}/openapi.json ${parts} ${page}/index.html ${page}/start.js ${console_files}
    COMMENT "Embedding what the front door serves" VERBATIM)
  target_sources(${target} PRIVATE ${out}/embedded_files.cpp)
endfunction()
