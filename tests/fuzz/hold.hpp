// What a fuzz target promises.
#pragma once

#include <cstdlib>

namespace usher::test {

/// Ends the program, which is how a target tells what it found.
inline void hold(bool promise) {
  if (!promise) std::abort();
}

}  // namespace usher::test
