// What a session of staff is narrowed to, and whether it goes on when the agent is limited anew.
#include <catch2/catch_test_macros.hpp>

#include "domain/doorkeeper.hpp"

using namespace usher::domain;

namespace {

const auto venue = organization_id::generate();
const auto studio = organization_id::generate();
const auto stranger = organization_id::generate();

using ids = std::vector<organization_id>;

bool goes_on(const std::optional<organization_id>& session, const ids& own) {
  return may_go_on({"ina", "", {}, session}, own);
}

}  // namespace

TEST_CASE("staff session: it is narrowed to the agent's one organization, or to the one that was named", "[login]") {
  CHECK(choose_scope({}, {}).decided);
  CHECK_FALSE(choose_scope({}, {}).organization);
  CHECK(choose_scope({}, venue).organization == venue);

  CHECK(choose_scope(ids{venue}, {}).organization == venue);
  CHECK(choose_scope(ids{venue}, venue).organization == venue);
  CHECK_FALSE(choose_scope(ids{venue}, stranger).decided);

  CHECK_FALSE(choose_scope(ids{venue, studio}, {}).decided);
  CHECK(choose_scope(ids{venue, studio}, studio).organization == studio);
  CHECK_FALSE(choose_scope(ids{venue, studio}, stranger).decided);
  CHECK_FALSE(choose_scope(ids{venue, studio}, stranger).organization);
}

TEST_CASE("staff session: it ends when the agent is limited to what it is not of", "[login]") {
  CHECK(goes_on({}, {}));
  CHECK(goes_on(venue, {}));
  CHECK(goes_on(venue, {studio, venue}));
  CHECK_FALSE(goes_on(venue, {studio}));
  CHECK_FALSE(goes_on({}, {venue}));
}
