#include "store/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <libpq-fe.h>
#include <poll.h>

namespace usher::store {

namespace {

using namespace std::chrono_literals;

int poll_timeout_ms(steady_time deadline) {
  auto now = std::chrono::steady_clock::now();
  if (deadline <= now) return 0;
  if (deadline - now > 1h) return 3'600'000;
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(deadline - now).count());
}

/// libpq's message in one line.
std::string trimmed(const char* text) {
  std::string out = text == nullptr ? "" : text;
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return out;
}

std::string field_of(const pg_result* result, int code) { return trimmed(PQresultErrorField(result, code)); }

/// libpq's view of a statement's parameters.
struct raw_parameters {
  explicit raw_parameters(const parameters& from) {
    auto count = from.size();
    values.reserve(count);
    lengths.reserve(count);
    for (const auto& value : from.values()) {
      values.push_back(value.data());
      lengths.push_back(static_cast<int>(value.size()));
    }
    formats.assign(count, 1);
  }
  [[nodiscard]] int size() const { return static_cast<int>(values.size()); }

  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
};

void ignore_notice(void*, const pg_result*) {}

}  // namespace

void connection::closer::operator()(pg_conn* handle) const noexcept { PQfinish(handle); }

sql_result<connection> connection::open(const connect_target& target, steady_time deadline) {
  // What stands after the expanded connection string overrides it.
  std::array<const char*, 5> keywords{"dbname", "client_encoding", "application_name", "options", nullptr};
  std::array<const char*, 5> values{target.conninfo.c_str(), "UTF8", "usher", target.options.c_str(), nullptr};
  if (target.options.empty()) keywords[3] = nullptr;
  connection made(PQconnectStartParams(keywords.data(), values.data(), 1));
  if (!made.handle_) return made.lost("out of memory");
  PQsetNoticeReceiver(made.handle_.get(), ignore_notice, nullptr);
  if (auto ok = made.finish_connecting(deadline); !ok) return std::unexpected(ok.error());
  PQsetnonblocking(made.handle_.get(), 1);
  made.backend_pid_ = PQbackendPID(made.handle_.get());
  return made;
}

sql_result<void> connection::finish_connecting(steady_time deadline) {
  auto next = PGRES_POLLING_WRITING;
  while (PQstatus(handle_.get()) != CONNECTION_BAD) {
    if (next == PGRES_POLLING_OK) return {};
    if (next == PGRES_POLLING_FAILED) break;
    auto ready = wait(next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);
    if (!ready) return ready;
    next = PQconnectPoll(handle_.get());
  }
  return lost(trimmed(PQerrorMessage(handle_.get())));
}

sql_result<void> connection::wait(short events, steady_time deadline) {
  while (true) {
    pollfd watched{PQsocket(handle_.get()), events, 0};
    int ready = ::poll(&watched, 1, poll_timeout_ms(deadline));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return lost("poll failed");
    if (std::chrono::steady_clock::now() >= deadline) return expired();
  }
}

// While there is something to send, answers are taken in as well: a server that can't get rid of them stops reading.
sql_result<void> connection::flush(steady_time deadline) {
  while (true) {
    int left = PQflush(handle_.get());
    if (left == 0) return {};
    if (left < 0) return lost(trimmed(PQerrorMessage(handle_.get())));
    if (auto ready = wait(POLLIN | POLLOUT, deadline); !ready) return ready;
    if (PQconsumeInput(handle_.get()) == 0) return lost(trimmed(PQerrorMessage(handle_.get())));
  }
}

sql_result<pg_result*> connection::next_result(steady_time deadline) {
  while (PQisBusy(handle_.get()) != 0) {
    if (auto ready = wait(POLLIN, deadline); !ready) return std::unexpected(ready.error());
    if (PQconsumeInput(handle_.get()) == 0) return lost(trimmed(PQerrorMessage(handle_.get())));
  }
  return PQgetResult(handle_.get());
}

sql_result<rows> connection::last_result(steady_time deadline) {
  rows last;
  std::optional<sql_error> failed;
  while (true) {
    auto result = next_result(deadline);
    // The answer to a FATAL error comes before the connection ends, and says more than its end.
    if (!result) return std::unexpected(failed ? *failed : result.error());
    if (*result == nullptr) break;
    auto status = PQresultStatus(*result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) {
      last = rows(*result);
      continue;
    }
    if (!failed) failed = failure(*result);
    PQclear(*result);
    if (PQstatus(handle_.get()) == CONNECTION_BAD) break;
  }
  if (!failed) return last;
  if (PQstatus(handle_.get()) == CONNECTION_BAD) failed->lost = true;
  if (failed->lost) close();
  return std::unexpected(std::move(*failed));
}

sql_result<rows> connection::query(const std::string& sql, const parameters& params, steady_time deadline) {
  if (!is_open()) return lost("the connection is closed");
  raw_parameters raw(params);
  if (PQsendQueryParams(handle_.get(), sql.c_str(), raw.size(), params.types().data(), raw.values.data(),
                        raw.lengths.data(), raw.formats.data(), 1) == 0)
    return lost(trimmed(PQerrorMessage(handle_.get())));
  if (auto sent = flush(deadline); !sent) return std::unexpected(sent.error());
  return last_result(deadline);
}

sql_result<rows> connection::script(const std::string& sql, steady_time deadline) {
  if (!is_open()) return lost("the connection is closed");
  if (PQsendQuery(handle_.get(), sql.c_str()) == 0) return lost(trimmed(PQerrorMessage(handle_.get())));
  if (auto sent = flush(deadline); !sent) return std::unexpected(sent.error());
  return last_result(deadline);
}

sql_result<std::vector<rows>> connection::pipeline(std::span<const statement> statements, steady_time deadline) {
  if (!is_open()) return lost("the connection is closed");
  if (PQenterPipelineMode(handle_.get()) == 0) return lost("can't enter pipeline mode");
  auto preparing = send(statements);
  if (!preparing) return std::unexpected(preparing.error());
  if (auto sent = flush(deadline); !sent) return std::unexpected(sent.error());
  auto answers = collect(*preparing, deadline);
  if (is_open() && PQexitPipelineMode(handle_.get()) == 0) return lost("can't leave pipeline mode");
  return answers;
}

sql_result<std::vector<std::string>> connection::send(std::span<const statement> statements) {
  std::vector<std::string> preparing;
  std::unordered_set<std::string_view> asked;
  bool ok = true;
  for (const auto& s : statements) {
    raw_parameters raw(s.params);
    if (s.name.empty()) {
      ok = ok && PQsendQueryParams(handle_.get(), s.sql.c_str(), raw.size(), s.params.types().data(), raw.values.data(),
                                   raw.lengths.data(), raw.formats.data(), 1) != 0;
      preparing.emplace_back();
      continue;
    }
    if (!prepared_.contains(s.name) && asked.insert(s.name).second) {
      ok = ok && PQsendPrepare(handle_.get(), s.name.c_str(), s.sql.c_str(), raw.size(), s.params.types().data()) != 0;
      preparing.push_back(s.name);
    }
    ok = ok && PQsendQueryPrepared(handle_.get(), s.name.c_str(), raw.size(), raw.values.data(), raw.lengths.data(),
                                   raw.formats.data(), 1) != 0;
    preparing.emplace_back();
  }
  if (!ok || PQpipelineSync(handle_.get()) == 0) return lost(trimmed(PQerrorMessage(handle_.get())));
  return preparing;
}

sql_result<std::vector<rows>> connection::collect(const std::vector<std::string>& preparing, steady_time deadline) {
  std::vector<rows> answers;
  std::optional<sql_error> failed;
  std::size_t index = 0;
  while (true) {
    auto result = next_result(deadline);
    if (!result) return std::unexpected(failed ? *failed : result.error());
    if (*result == nullptr) {  // the end of one statement's answer
      if (PQstatus(handle_.get()) == CONNECTION_BAD) break;
      continue;
    }
    auto status = PQresultStatus(*result);
    if (status == PGRES_PIPELINE_SYNC) {
      PQclear(*result);
      break;
    }
    bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (!good && status != PGRES_PIPELINE_ABORTED && !failed) failed = failure(*result);
    if (!good) {
      PQclear(*result);
    } else if (index < preparing.size() && !preparing[index].empty()) {
      prepared_.insert(preparing[index]);
      PQclear(*result);
    } else {
      answers.emplace_back(*result);
    }
    ++index;
    if (failed && failed->lost) break;
  }
  if (PQstatus(handle_.get()) == CONNECTION_BAD && !failed) return lost(trimmed(PQerrorMessage(handle_.get())));
  if (!failed) return answers;
  if (PQstatus(handle_.get()) == CONNECTION_BAD) failed->lost = true;
  if (failed->lost) close();
  return std::unexpected(std::move(*failed));
}

bool connection::is_alive() {
  if (!is_open()) return false;
  if (PQconsumeInput(handle_.get()) != 0 && PQstatus(handle_.get()) == CONNECTION_OK) return true;
  close();
  return false;
}

sql_error connection::failure(pg_result* result) {
  sql_error why;
  why.sqlstate = field_of(result, PG_DIAG_SQLSTATE);
  why.message = field_of(result, PG_DIAG_MESSAGE_PRIMARY);
  why.constraint = field_of(result, PG_DIAG_CONSTRAINT_NAME);
  auto severity = field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  why.lost = severity == "FATAL" || severity == "PANIC" || why.sqlstate.empty();
  if (why.message.empty()) why.message = trimmed(PQresultErrorMessage(result));
  return why;
}

std::unexpected<sql_error> connection::lost(std::string why) {
  close();
  return std::unexpected(sql_error{{}, std::move(why), {}, true, false});
}

std::unexpected<sql_error> connection::expired() {
  close();
  return std::unexpected(sql_error{{}, "no answer within the time limit", {}, true, true});
}

}  // namespace usher::store
