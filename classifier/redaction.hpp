// Takes personal data out of a text before it leaves the desk.
#pragma once

#include <string>
#include <string_view>

namespace usher::classifier {

/// E-mail addresses, links, numbers that may be phones, cards or accounts, names of persons, and words of diet, health
/// and faith, each replaced by a word in brackets. Rather too much than too little: a capital within a sentence is
/// taken for a name, unless the word is a product's or all capitals.
[[nodiscard]] std::string redacted(std::string_view text);

}  // namespace usher::classifier
