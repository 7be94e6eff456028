# cmake -DNPM=… -DFROM=… -DTO=… -P npm_ci.cmake: brings the packages that FROM/package-lock.json pins to
# TO/node_modules, next to FROM's scripts. Does nothing when they are there already.

file(GLOB scripts ${FROM}/*.mjs ${FROM}/package.json)
file(COPY ${scripts} DESTINATION ${TO})
file(READ ${FROM}/package-lock.json wanted)
set(present "")
if(EXISTS ${TO}/installed.json)
  file(READ ${TO}/installed.json present)
endif()
if(present STREQUAL wanted)
  return()
endif()
if(NOT NPM)
  message(FATAL_ERROR "npm is missing: script/bootstrap installs it")
endif()
file(COPY ${FROM}/package-lock.json DESTINATION ${TO})
execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --no-update-notifier --prefer-offline
                WORKING_DIRECTORY ${TO} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "npm ci failed: ${status}")
endif()
file(WRITE ${TO}/installed.json "${wanted}")
