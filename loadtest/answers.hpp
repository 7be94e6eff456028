// What the desk answers, read back into values (contract, section 3).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher::load {

/// The members of a ticket that are compared.
struct seen_ticket {
  std::string id;
  std::int64_t number = 0;
  std::string organization;
  std::string tier;
  std::string requester;
  std::string subject;
  std::string body;
  std::string status;
  std::string priority;
  std::string corpus_id;   ///< `custom_fields.corpus_id`; empty when there is none
  std::string wedding_at;  ///< empty when there is none
  std::int64_t version = 0;
  std::string created_at;
};

struct seen_message {
  std::string id;
  std::string author;
  std::string role;
  std::string body;
  std::string visibility;
};

template <class T>
struct seen_page {
  std::vector<T> data;
  std::string next_cursor;  ///< empty on the last page
};

/// Reads answers. Keeps its buffers, so one a thread. Nothing, when the text is not what the contract says.
class answer_reader {
 public:
  answer_reader();
  ~answer_reader();
  answer_reader(const answer_reader&) = delete;
  answer_reader& operator=(const answer_reader&) = delete;

  [[nodiscard]] std::optional<seen_ticket> ticket(const std::string& json);
  [[nodiscard]] std::optional<seen_message> message(const std::string& json);
  [[nodiscard]] std::optional<seen_page<seen_ticket>> tickets(const std::string& json);
  [[nodiscard]] std::optional<seen_page<seen_message>> messages(const std::string& json);
  /// The `id` of an object; nothing when it has none.
  [[nodiscard]] std::optional<std::string> id(const std::string& json);
  /// The `code` of a problem (RFC 9457); empty when there is none.
  [[nodiscard]] std::string problem_code(const std::string& json);

 private:
  struct parser;
  std::unique_ptr<parser> parser_;
};

}  // namespace usher::load
