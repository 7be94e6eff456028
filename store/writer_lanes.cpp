#include "store/writer_lanes.hpp"

#include <algorithm>

#include "store/writer_lane.hpp"

namespace usher::store {

writer_lanes::writer_lanes(lane_settings settings) : settings_(std::move(settings)) {
  for (int lane = 0; lane < std::max(settings_.lanes, 1); ++lane)
    lanes_.push_back(std::make_unique<writer_lane>(settings_, lane));
  for (auto& lane : lanes_) lane->start();
}

writer_lanes::~writer_lanes() { drain(std::chrono::steady_clock::now()); }

void writer_lanes::submit(write what) {
  auto lane = domain::hash_value(organization_of(what)) % lanes_.size();
  lanes_[lane]->submit(std::move(what));
}

bool writer_lanes::reachable() const noexcept {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->reachable(); });
}

void writer_lanes::drain(steady_time deadline) {
  for (auto& lane : lanes_) lane->close(deadline);
  for (auto& lane : lanes_) lane->join();
}

std::size_t writer_lanes::queue_depth() const noexcept {
  std::size_t depth = 0;
  for (const auto& lane : lanes_) depth += lane->queue_depth();
  return depth;
}

}  // namespace usher::store
