# Debian's packages, and CAF from the prefix that script/bootstrap built.

find_package(Threads REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(date REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(simdjson REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CAF 0.18.7 EXACT REQUIRED COMPONENTS core)
find_package(Catch2 3 REQUIRED)

# The headers of Asio and Beast are Boost 1.81's: Debian's default is 1.74.
find_path(USHER_BOOST_INCLUDE boost/beast.hpp REQUIRED)
add_library(usher_asio INTERFACE)
target_include_directories(usher_asio SYSTEM INTERFACE ${USHER_BOOST_INCLUDE})
target_compile_definitions(usher_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(usher_asio INTERFACE Threads::Threads)

add_library(usher_simdjson INTERFACE)
target_link_libraries(usher_simdjson INTERFACE simdjson::simdjson)

add_library(usher_cli INTERFACE)
target_link_libraries(usher_cli INTERFACE CLI11::CLI11 tomlplusplus::tomlplusplus)

# The classifier's: patterns, training, Unicode.
find_path(USHER_VECTORSCAN_INCLUDE hs/hs.h REQUIRED)
find_library(USHER_VECTORSCAN_LIBRARY hs REQUIRED)
add_library(usher_vectorscan INTERFACE)
target_include_directories(usher_vectorscan SYSTEM INTERFACE ${USHER_VECTORSCAN_INCLUDE})
target_link_libraries(usher_vectorscan INTERFACE ${USHER_VECTORSCAN_LIBRARY})

find_path(USHER_LIBLINEAR_INCLUDE linear.h REQUIRED)
find_library(USHER_LIBLINEAR_LIBRARY linear REQUIRED)
add_library(usher_liblinear INTERFACE)
target_include_directories(usher_liblinear SYSTEM INTERFACE ${USHER_LIBLINEAR_INCLUDE})
target_link_libraries(usher_liblinear INTERFACE ${USHER_LIBLINEAR_LIBRARY})

# The passwords of staff.
find_path(USHER_SODIUM_INCLUDE sodium.h REQUIRED)
find_library(USHER_SODIUM_LIBRARY sodium REQUIRED)
add_library(usher_sodium INTERFACE)
target_include_directories(usher_sodium SYSTEM INTERFACE ${USHER_SODIUM_INCLUDE})
target_link_libraries(usher_sodium INTERFACE ${USHER_SODIUM_LIBRARY})

find_library(USHER_UTF8PROC_LIBRARY utf8proc REQUIRED)
add_library(usher_utf8proc INTERFACE)
target_link_libraries(usher_utf8proc INTERFACE ${USHER_UTF8PROC_LIBRARY})
