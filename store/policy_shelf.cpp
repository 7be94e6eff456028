#include "store/policy_shelf.hpp"

#include "store/ticket_rows.hpp"

namespace usher::store {

domain::clock_policy_ptr policy_shelf::take(const domain::uuid& id, std::string_view content) {
  std::scoped_lock guard(mutex_);
  auto& slot = policies_[id];
  if (slot) return slot;
  auto read = domain::clock_policy_from_json(content);
  if (!read || (*read)->id != id) throw unknown_word("a stored policy can't be read: " + domain::to_string(id));
  return slot = std::move(*read);
}

domain::clock_policy_ptr policy_shelf::find(const domain::uuid& id) const {
  std::scoped_lock guard(mutex_);
  auto found = policies_.find(id);
  return found == policies_.end() ? nullptr : found->second;
}

}  // namespace usher::store
