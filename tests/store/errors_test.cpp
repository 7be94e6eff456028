// The table from SQLSTATE to the desk's codes.
#include <catch2/catch_test_macros.hpp>
#include <utility>

#include "store/errors.hpp"

using namespace usher;
using domain::errc;

TEST_CASE("store: every SQLSTATE that matters has its code", "[store]") {
  for (auto [state, code] : {std::pair{"22021", errc::rejected_by_store},  // a zero byte, broken UTF-8
                             std::pair{"22P05", errc::rejected_by_store},  // \u0000 in jsonb
                             std::pair{"22003", errc::rejected_by_store},
                             std::pair{"23502", errc::rejected_by_store},
                             std::pair{"23503", errc::rejected_by_store},
                             std::pair{"23505", errc::rejected_by_store},
                             std::pair{"23514", errc::rejected_by_store},
                             std::pair{"54000", errc::rejected_by_store},
                             std::pair{"08006", errc::unavailable},
                             std::pair{"25006", errc::unavailable},
                             std::pair{"28P01", errc::unavailable},
                             std::pair{"3D000", errc::unavailable},
                             std::pair{"40001", errc::unavailable},
                             std::pair{"40P01", errc::unavailable},
                             std::pair{"53100", errc::unavailable},
                             std::pair{"53300", errc::unavailable},
                             std::pair{"55P03", errc::unavailable},
                             std::pair{"57014", errc::timed_out},
                             std::pair{"57P01", errc::unavailable},
                             std::pair{"57P03", errc::unavailable},
                             std::pair{"58030", errc::unavailable},
                             std::pair{"42501", errc::internal},
                             std::pair{"42P01", errc::internal},
                             std::pair{"55000", errc::internal},
                             std::pair{"P0001", errc::internal},
                             std::pair{"XX000", errc::internal},
                             std::pair{"", errc::unavailable}}) {
    CAPTURE(state);
    CHECK(store::to_errc(std::string_view(state)) == code);
  }
}

TEST_CASE("store: a lost connection, a timeout and a duplicate key are told apart", "[store]") {
  CHECK(store::to_errc(store::sql_error{"23505", "", "idempotency_keys_pkey", false, false}) ==
        errc::idempotency_in_flight);
  CHECK(store::to_errc(store::sql_error{"23505", "", "support_tickets_number", false, false}) ==
        errc::rejected_by_store);
  CHECK(store::to_errc(store::sql_error{"", "", "", true, false}) == errc::unavailable);
  CHECK(store::to_errc(store::sql_error{"", "", "", true, true}) == errc::timed_out);
  CHECK(store::is_passing(store::sql_error{"53100", "", "", false, false}));
  CHECK_FALSE(store::is_passing(store::sql_error{"23514", "", "", false, false}));
  CHECK(store::is_passing(store::sql_error{"XX000", "", "", true, false}));
  // What the database says may quote a customer.
  CHECK(
      store::to_error(store::sql_error{"22P02", "invalid input \"secret\"", "", false, false}).detail.find("secret") ==
      std::string::npos);
}
