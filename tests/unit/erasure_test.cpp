// What an erasure takes out of a ticket, and what it leaves.
#include "domain/erasure.hpp"
#include "ticket_fixture.hpp"

using namespace usher;
using namespace usher::test;

namespace {

/// A ticket that says something of a person wherever it can.
ticket_fixture personal_ticket() {
  ticket_fixture f;
  create_ticket c;
  c.id = ticket_id::generate();
  c.number = 7;
  c.organization = f.organization;
  c.tier = tier::enterprise;
  c.subject = "Zoë García's chair";
  c.body = "Zoe Garcia has no chair; call her.";
  c.tags = {"zoe-garcia", "seating"};
  c.custom_fields = R"({"guest":"ZOË GARCÍA","seats":2})";
  c.wedding = wedding{morning + std::chrono::days{40}, "", "Garcia's barn"};
  c.requester = contact{"Zoë García", "zoe@example.net"};
  f.must(c, role::requester);
  return f;
}

erase_personal erasure_of(std::string phrase = {}, std::string person = {}) {
  return {new_uuid_v7(), std::move(phrase), std::move(person)};
}

}  // namespace

TEST_CASE("erasure: texts go, figures and clocks stay", "[domain][erasure]") {
  auto f = personal_ticket();
  const auto before = *f.ticket;
  f.now += 1min;
  const auto command = erasure_of({}, "customer");
  f.must(command, role::system);
  const auto& t = *f.ticket;
  CHECK(t.version == before.version + 1);
  CHECK(t.subject == erased_text);
  CHECK(t.body == erased_text);
  CHECK(t.tags == nullptr);
  CHECK(t.custom_fields == nullptr);
  CHECK(t.requester == nullptr);
  CHECK(t.requester_id == erased_person(command.erasure));
  CHECK(t.wedding->venue.empty());
  CHECK(t.wedding->at == before.wedding->at);
  CHECK(t.classification->signals.empty());
  CHECK(t.classification->category == before.classification->category);
  CHECK(t.category == before.category);
  CHECK(t.priority == before.priority);
  CHECK(t.created_at == before.created_at);
  CHECK(t.clocks.size() == before.clocks.size());
  CHECK(t.due_at() == before.due_at());
}

TEST_CASE("erasure: a second one changes nothing, and is nobody's but Usher's", "[domain][erasure]") {
  auto f = personal_ticket();
  CHECK(f.run(erasure_of(), f.as(role::admin)).error().code == errc::forbidden);
  f.must(erasure_of(), role::system);
  const auto version = f.ticket->version;
  CHECK(f.must(erasure_of(), role::system).events.empty());
  CHECK(f.ticket->version == version);
}

TEST_CASE("erasure: only the user that it is about loses the name", "[domain][erasure]") {
  auto f = personal_ticket();
  f.must(erasure_of({}, "somebody-else"), role::system);
  CHECK(f.ticket->requester_id == "customer");
  f.must(erasure_of({}, "CUSTOMER"), role::system);
  CHECK(f.ticket->requester_id.starts_with("erased:"));
}

TEST_CASE("erasure: a closed ticket and a deleted one are erased as well", "[domain][erasure]") {
  auto f = personal_ticket();
  update_ticket close;
  close.status = ticket_status::closed;
  f.must(close, role::manager);
  f.must(erasure_of(), role::system);
  CHECK(f.ticket->subject == erased_text);
  auto g = personal_ticket();
  g.must(delete_ticket{}, role::manager);
  g.must(erasure_of(), role::system);
  CHECK(g.ticket->subject == erased_text);
  CHECK(g.ticket->deleted_at.has_value());
}

TEST_CASE("erasure: a phrase goes wherever it stands, whatever case and accents", "[domain][erasure]") {
  auto f = personal_ticket();
  f.must(erasure_of("zoe garcia"), role::system);
  CHECK(f.ticket->subject == "[erased]'s chair");
  CHECK(f.ticket->body == "[erased] has no chair; call her.");
  CHECK(*f.ticket->custom_fields == R"({"guest":"[erased]","seats":2})");
  CHECK(f.ticket->requester->name == "[erased]");
  CHECK(f.ticket->requester->email == "zoe@example.net");
  CHECK(f.ticket->tags->size() == 2);
}

TEST_CASE("erasure: a phrase is words of its own", "[domain][erasure]") {
  CHECK(without_phrase("Ann, Annette and ANN", "ann") == "[erased], Annette and [erased]");
  CHECK(without_phrase("Bjo\xCC\x88rn is here", "björn") == "[erased] is here");
  CHECK(without_phrase("nothing", "") == "nothing");
  CHECK(folded("ÀÉÎÕÜŁŻ") == "aeioulz");
  CHECK(folded("Nguyễn Ștefan ΆΣ Ёлка") == "nguyen stefan ασ елка");
  CHECK(json_without_phrase(R"({"a":"say \"Ann\"","b":[1,"ann"],"ann":null})", "ann") ==
        R"({"a":"say \"[erased]\"","b":[1,"[erased]"],"[erased]":null})");
}

TEST_CASE("erasure: what stands around a phrase, and between its words, does not hide it", "[domain][erasure]") {
  for (const char* text : {"„Rosa Bellini“", "Rosa  Bellini’s chair", "(rosa\nbellini)", "Rosa\u00a0Bellini",
                           "—ROSA BELLINI—", "Ro\u00adsa\u200b Bellini", "¿Rósa Bellíni?"}) {
    CAPTURE(text);
    CHECK(without_phrase(text, "Rosa Bellini").find("[erased]") != std::string::npos);
    CHECK(folded(without_phrase(text, " rosa bellini ")).find("bellini") == std::string::npos);
  }
  CHECK(without_phrase("Rosalia Bellini, Rosa Bellinis", "rosa bellini") == "Rosalia Bellini, Rosa Bellinis");
  CHECK(without_phrase("请给王小明留位子", "王小明") == "请给[erased]留位子");
  CHECK(without_phrase("O’Brien sits here", "o'brien") == "[erased] sits here");
  CHECK(json_without_phrase(R"({"note":"see\nRosa\u0020B. now","n":null})", "rosa b.") ==
        R"({"note":"see\n[erased] now","n":null})");
  CHECK(json_without_phrase(R"([true,"true"])", "true") == R"([true,"[erased]"])");
}

TEST_CASE("erasure: an address that says the phrase goes as a whole", "[domain][erasure]") {
  auto f = personal_ticket();
  f.must(erasure_of("zoe"), role::system);
  CHECK(f.ticket->requester->email.empty());
}

TEST_CASE("erasure: a phrase has to be one", "[domain][erasure]") {
  for (const char* good : {"Rosa Bellini", "王小明", "O'Brien", "no nuts!", "4 Ünal", "Ёлка"}) {
    CAPTURE(good);
    CHECK_FALSE(phrase_defect(good));
  }
  for (const char* bad :
       {"say \"Ann\"", "a\\b c", "Ann\n", "12345", "a\u0301 ", "…!?…", "   a   ", "Erased", "[erased]"}) {
    CAPTURE(bad);
    CHECK(phrase_defect(bad));
  }
}

TEST_CASE("erasure: an excerpt has the words around, and cuts no character", "[domain][erasure]") {
  const std::string long_text = std::string(50, 'x') + " für Änne Groß hier " + std::string(50, 'y');
  const auto found = phrase_excerpts(long_text, "anne groß");
  REQUIRE(found.size() == 1);
  CHECK(found.front().find("für Änne Groß hier") != std::string::npos);
  CHECK(found.front().starts_with("…"));
  CHECK(found.front().ends_with("…"));
  CHECK(phrase_excerpts("Ann\nand ann", "ann") == std::vector<std::string>{"Ann and ann", "Ann and ann"});
  CHECK(json_phrase_excerpts(R"({"ann":["say\tAnn",1]})", "ann") == std::vector<std::string>{"ann", "say Ann"});
}

TEST_CASE("erasure: of an agent's record stays what figures go by", "[domain][erasure]") {
  auto now = desk_settings::defaults();
  agent rosa;
  rosa.id = "rosa";
  rosa.name = "Rosa Bellini";
  rosa.email = "rosa@example.net";
  rosa.phone = "+49 151 555";
  rosa.role = role::supervisor;
  rosa.skills = {{"seating", 3}};
  rosa.presence = presence::online;
  now.agents["rosa"] = rosa;
  const auto erasure = new_uuid_v7();
  CHECK(erase_agent(now, "rosa", erasure).error().code == errc::conflict);
  CHECK(erase_agent(now, "nobody", erasure).error().code == errc::not_found);
  now.agents["rosa"].presence = presence::offline;
  const auto change = erase_agent(now, "rosa", erasure).value();
  CHECK(change.action == "agent.erased");
  CHECK(change.row.find("Bellini") == std::string::npos);
  CHECK(change.row.find("example.net") == std::string::npos);
  const auto& left = change.next.agents.at("rosa");
  CHECK(left.name == erased_person(erasure));
  CHECK(left.email.empty());
  CHECK(left.phone.empty());
  CHECK(left.skills.empty());
  CHECK(left.capacity == 0);
  CHECK(left.role == role::supervisor);
  CHECK(left.version == rosa.version + 1);
}

TEST_CASE("erasure: the trail tells that something went, and not what", "[domain][erasure]") {
  auto f = personal_ticket();
  const auto change = f.must(erasure_of({}, "customer"), role::system);
  CHECK(audit_action(change) == "ticket.erased");
  CHECK(audit_details(change).find("customer") == std::string::npos);
}
