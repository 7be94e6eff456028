// Full text: subject, body and public messages, in three languages.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "fixture.hpp"

using namespace usher;
using namespace usher::test;

namespace {

struct library {
  scratch_server pg;
  store::writer_lanes lanes{pg.lanes()};
  store::read_pool reads{pg.reads()};
  domain::organization_id organization = add_organization(lanes);
  int made = 0;

  domain::ticket_ptr add(const std::string& subject, const std::string& body) {
    auto change = created({organization, ++made, noon(made), [&](domain::create_ticket& c) {
                             c.subject = subject;
                             c.body = body;
                           }});
    auto ticket = change.after;
    commit(lanes, std::move(change)).value();
    return ticket;
  }

  domain::ticket_ptr then(const domain::ticket_ptr& ticket, const domain::ticket_command& command) {
    auto change = changed(ticket, command, noon(1000));
    auto after = change.after;
    commit(lanes, std::move(change)).value();
    return after;
  }

  std::vector<std::int64_t> find(const std::string& text, store::scope who = {}, int limit = 100) {
    domain::ticket_query query;
    query.text = text;
    query.sort = domain::ticket_sort::relevance;
    query.limit = limit;
    std::vector<std::int64_t> numbers;
    do {
      auto page = answer_of<store::ticket_id_page>([&](auto done) {
                    reads.list_tickets(query, who, soon(), std::move(done));
                  }).value();
      for (const auto& id : page.ids) numbers.push_back(load(reads, id)->number);
      query.cursor = page.next_cursor;
    } while (!query.cursor.empty());
    return numbers;
  }
};

using numbers = std::vector<std::int64_t>;

domain::add_message says(const std::string& text, domain::visibility visible) {
  domain::add_message out;
  out.id = domain::message_id::generate();
  out.body = text;
  out.visible = visible;
  return out;
}

}  // namespace

TEST_CASE("store: full text finds words of subject, body and public messages", "[store][search]") {
  library l;
  auto first = l.add("The florist is late", "Nobody answers the phone.");
  l.add("A question", "Which colours do the peonies come in?");
  CHECK(l.find("florist") == numbers{1});
  CHECK(l.find("peonies") == numbers{2});
  CHECK(l.find("florist peonies").empty());
  CHECK(l.find("FLORIST phone") == numbers{1});
  first = l.then(first, says("The marquee has blown away", domain::visibility::public_));
  first = l.then(first, says("The customer is a celebrity", domain::visibility::internal));
  CHECK(l.find("marquee") == numbers{1});
  CHECK(l.find("celebrity").empty());

  SECTION("a new subject is found, the old one is not, and the messages still are") {
    l.then(first, update([](auto& u) { u.subject = "The photographer is late"; }));
    CHECK(l.find("photographer") == numbers{1});
    CHECK(l.find("florist").empty());
    CHECK(l.find("marquee") == numbers{1});
  }
}

TEST_CASE("store: prefix and unaccented matching in English, Spanish and French", "[store][search]") {
  library l;
  l.add("Photographers", "They have not been paid for the rehearsal.");
  l.add("El fotógrafo no vino", "La boda es mañana y los invitados esperan.");
  l.add("Le traiteur a annulé", "Les invités arrivent à l'église dans deux heures.");
  CHECK(l.find("photo") == numbers{1});
  CHECK(l.find("photographer") == numbers{1});
  CHECK(l.find("rehearsals") == numbers{1});
  CHECK(l.find("fotografo") == numbers{2});
  CHECK(l.find("fotógrafos") == numbers{2});
  CHECK(l.find("manana boda") == numbers{2});
  CHECK(l.find("annule") == numbers{3});
  CHECK(l.find("eglise") == numbers{3});
  CHECK(l.find("annulés traiteurs") == numbers{3});
}

TEST_CASE("store: the best match comes first, and pages lose nothing", "[store][search]") {
  library l;
  l.add("Something else", "A cake is mentioned once among many other words of this long text.");
  l.add("Cake", "The cake, the whole cake and nothing but the cake.");
  for (int i = 0; i < 9; ++i) l.add("Other " + std::to_string(i), "No cake here, but a cake stand.");
  auto all = l.find("cake");
  REQUIRE(all.size() == 11);
  CHECK(all.front() == 2);
  auto paged = l.find("cake", {}, 2);
  CHECK(paged == all);
}

TEST_CASE("store: hostile search texts find nothing and break nothing", "[store][search]") {
  library l;
  l.add("Plain", "It's a back\\slash and a 'quote'.");
  for (std::string text :
       {"'", "\\", "''':*", "a & | ! ( <->", "foo\\'bar", "%", "--", "!!!", ":*", "\xF0\x9F\x92\x90"})
    CHECK_NOTHROW(l.find(text));
  CHECK(l.find("quote") == numbers{1});
  CHECK(l.find("back\\slash") == numbers{1});
  CHECK(l.find(std::string(200, 'x')).empty());
}

TEST_CASE("store: a search stays within the organization", "[store][search]") {
  library l;
  l.add("Secret cake", "cake");
  auto other = add_organization(l.lanes);
  CHECK(l.find("cake", {l.organization}) == numbers{1});
  CHECK(l.find("cake", {other}).empty());
}

TEST_CASE("store: more words than a document holds are not a reason to refuse a message", "[store][search]") {
  library l;
  auto ticket = l.add("Endless", "thread");
  for (int i = 0; i < 30; ++i) {
    std::string text;
    for (int word = 0; text.size() < 19'900; ++word)
      text += "w" + std::to_string(i) + "x" + std::to_string(word * 7919) + "abcdefghijklmnopqrstuvwxyz ";
    ticket = l.then(ticket, says(text, domain::visibility::public_));
  }
  for (int i = 0; i < 40; ++i) {
    std::string text;
    for (int word = 0; text.size() < 19'900; ++word)
      text += "z" + std::to_string(i) + "y" + std::to_string(word * 104729) + std::string(180, 'q') + " ";
    ticket = l.then(ticket, says(text, domain::visibility::public_));
  }
  CHECK(l.find("endless") == numbers{1});
}
