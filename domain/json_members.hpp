// The members of a JSON object's text, for merging custom fields by key.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::domain {

/// A member's key, decoded, and the text of its value.
using json_member = std::pair<std::string, std::string>;

/// Splits the text of a JSON object that has been checked before (by the front door, or by the database) into its
/// members, in order. Text that is not such an object gives no members.
[[nodiscard]] std::vector<json_member> json_members(std::string_view object);

/// The text of an object with these members.
[[nodiscard]] std::string to_json_object(const std::vector<json_member>& members);

/// `object` with `changes` merged in: a value of `null` removes its member, others replace theirs or are added at the
/// end.
[[nodiscard]] std::string merge_json_object(std::string_view object, const std::vector<json_member>& changes);

}  // namespace usher::domain
