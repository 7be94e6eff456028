// Where one thread works.
#pragma once

#include "loadtest/answers.hpp"
#include "loadtest/api.hpp"

namespace usher::load {

/// A thread's connection and its buffers.
struct workplace {
  workplace(const target& where, const patience& limits, api_counts& counts) : desk(where, limits, counts) {}
  api desk;
  answer_reader reader;
};

}  // namespace usher::load
