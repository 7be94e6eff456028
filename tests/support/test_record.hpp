// What the tests of a whole run have sent and what the desks have logged: tests/records looks through it at the end.
#pragma once

#include <filesystem>
#include <string_view>

namespace usher::test {

/// Keeps a request's body. Thread-safe; only so many of a process.
void record_sent(std::string_view body);

/// Keeps what a desk has logged.
void record_log(const std::filesystem::path& log) noexcept;

}  // namespace usher::test
