// A data directory that is ready to be used, made once and copied for each test.
#pragma once

#include <filesystem>

namespace usher::test {

/// Copies the template to `destination`, which must not exist. The first caller makes the template: initialised,
/// migrated and cleanly stopped by the server itself. It is kept under the build directory until the server is built
/// anew.
void copy_template_data(const std::filesystem::path& destination);

}  // namespace usher::test
