#include "tests/support/pg.hpp"

#include <memory>
#include <stdexcept>

#include <libpq-fe.h>

namespace usher::test {

namespace fs = std::filesystem;

namespace {

using answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

answer checked(PGconn* connection, PGresult* raw) {
  answer got(raw, PQclear);
  auto status = PQresultStatus(raw);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection));
  return got;
}

/// The port out of the socket's name, `.s.PGSQL.PORT`.
std::string port_of_socket(const fs::path& run) {
  constexpr std::string_view prefix = ".s.PGSQL.";
  for (const auto& entry : fs::directory_iterator(run)) {
    std::string name = entry.path().filename();
    if (name.starts_with(prefix) && !name.ends_with(".lock")) return name.substr(prefix.size());
  }
  throw std::runtime_error("no PostgreSQL socket in " + run.string());
}

}  // namespace

pg::pg(const std::string& connection_string) : connection_(PQconnectdb(connection_string.c_str())) {
  if (PQstatus(connection_) != CONNECTION_OK) {
    std::string why = PQerrorMessage(connection_);
    PQfinish(connection_);
    throw std::runtime_error(why);
  }
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
}

pg::~pg() { PQfinish(connection_); }

std::vector<pg_row> pg::rows(const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter.c_str());
  auto got = checked(connection_, PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                               values.data(), nullptr, nullptr, 0));
  std::vector<pg_row> all;
  for (int r = 0; r < PQntuples(got.get()); ++r) {
    pg_row row;
    for (int c = 0; c < PQnfields(got.get()); ++c) {
      if (PQgetisnull(got.get(), r, c) != 0)
        row.emplace_back();
      else
        row.emplace_back(PQgetvalue(got.get(), r, c));
    }
    all.push_back(std::move(row));
  }
  return all;
}

std::string pg::value(const std::string& sql, const std::vector<std::string>& parameters) {
  auto all = rows(sql, parameters);
  if (all.size() != 1 || all[0].size() != 1 || !all[0][0]) throw std::runtime_error("not one value: " + sql);
  return *all[0][0];
}

long pg::count(const std::string& sql, const std::vector<std::string>& parameters) {
  return std::stol(value(sql, parameters));
}

void pg::run(const std::string& sql) { checked(connection_, PQexec(connection_, sql.c_str())); }

std::string embedded_database(const fs::path& data) {
  auto run = fs::absolute(data / "run");
  std::string base = "host=" + run.string() + " port=" + port_of_socket(run) + " user=postgres";
  pg any(base + " dbname=postgres");
  bool own = any.count("select count(*) from pg_database where datname = 'usher'") == 1;
  return base + (own ? " dbname=usher" : " dbname=postgres");
}

}  // namespace usher::test
