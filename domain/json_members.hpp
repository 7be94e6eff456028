// The parts of a JSON text that has been checked before: for merging custom fields by key, and for reading back what
// Usher wrote itself.
#pragma once

#include <optional>
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

/// The texts of the elements of a JSON array, in order. Text that is not such an array gives none.
[[nodiscard]] std::vector<std::string_view> json_elements(std::string_view array);

/// The characters of a JSON string; nothing when the text is another kind of value.
[[nodiscard]] std::optional<std::string> json_string(std::string_view value);

/// The text of an object with these members.
[[nodiscard]] std::string to_json_object(const std::vector<json_member>& members);

/// `object` with `changes` merged in: a value of `null` removes its member, others replace theirs or are added at the
/// end.
[[nodiscard]] std::string merge_json_object(std::string_view object, const std::vector<json_member>& changes);

}  // namespace usher::domain
