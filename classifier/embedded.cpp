#include "classifier/embedded.hpp"

// The assembler takes the files in as they are; CMake names them and builds anew when they change.
asm(".section .rodata\n"
    ".balign 64\n"
    "usher_patterns_begin:\n"
    ".incbin \"" USHER_PATTERN_FILE
    "\"\n"
    "usher_patterns_end:\n"
    ".balign 64\n"
    "usher_model_begin:\n"
    ".incbin \"" USHER_MODEL_FILE
    "\"\n"
    "usher_model_end:\n"
    ".byte 0\n"
    ".previous\n");

extern const char usher_patterns_begin[];
extern const char usher_patterns_end[];
extern const char usher_model_begin[];
extern const char usher_model_end[];

namespace usher::classifier {

std::string_view embedded_patterns() noexcept { return {usher_patterns_begin, usher_patterns_end}; }

std::span<const char> embedded_model() noexcept { return {usher_model_begin, usher_model_end}; }

}  // namespace usher::classifier
