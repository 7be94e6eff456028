#include "app/demo.hpp"

#include <sys/stat.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>

#include "app/signing_key.hpp"
#include "domain/json_writer.hpp"
#include "net/base64url.hpp"
#include "net/json_reader.hpp"
#include "net/jwt.hpp"
#include "store/doorkeeper.hpp"
#include "store/password_hash.hpp"

namespace usher::app {

namespace {

using namespace std::chrono_literals;

struct demo_organization {
  std::string_view id;
  std::string_view name;
  domain::tier tier;
  std::string_view time_zone;
};

/// Fixed ids, so that what the README says of them stays true.
constexpr std::array<demo_organization, 6> organizations{{
    {"0197a000-0000-7000-8000-000000000001", "Harbor & Vine Venues", domain::tier::enterprise, "America/New_York"},
    {"0197a000-0000-7000-8000-000000000002", "Lumen Photography", domain::tier::professional, "America/Los_Angeles"},
    {"0197a000-0000-7000-8000-000000000003", "Fête Planning", domain::tier::professional, "Europe/Paris"},
    {"0197a000-0000-7000-8000-000000000004", "Wild Fern Florists", domain::tier::starter, "Europe/London"},
    {"0197a000-0000-7000-8000-000000000005", "Casa Olivo", domain::tier::starter, "Europe/Madrid"},
    {"0197a000-0000-7000-8000-000000000006", "Mia & Jonas", domain::tier::free, "America/Chicago"},
}};

struct demo_ticket {
  std::size_t organization;
  std::string_view subject;
  std::string_view body;
  std::string_view category;
  int hours_after_saturday_noon;  ///< of the wedding; `no_wedding` for none
  std::string_view reply;         ///< a public reply by staff, or empty
};
constexpr int no_wedding = 10'000;

constexpr std::array<demo_ticket, 12> tickets{{
    {0, "The florist has not come", "Ceremony at three, arch and tables are bare, nobody answers the phone.",
     "vendor_no_show", 3, ""},
    {0, "Seating chart prints empty tables", "Tables 9 to 14 come out blank in the PDF. The printer closes at six.",
     "seating_stationery", 3, "We see it too and have sent you a corrected PDF; a fix is on its way."},
    {1, "Gallery upload stops at 99 %", "Eight hundred pictures of last Saturday, every browser, same place.",
     "media_gallery", -168, "Which browser, please, and about how large are the files?"},
    {1, "Double booking after calendar sync", "The same Saturday was sold twice, by the shop and by our own page.",
     "calendar_booking", 28, ""},
    {2, "Contrat non signé", "Le contrat reste « en attente » alors que le client a signé deux fois.", "contract_esign",
     300, ""},
    {2, "Timeline shows the old venue", "We moved to the orangery; guests still see the chapel.", "timeline_venue", 6,
     ""},
    {3, "Where do I change my invoice address?", "We have moved. No hurry.", "subscription_billing", no_wedding,
     "Under Settings, Billing, Address; it shows on the next invoice."},
    {3, "Leads stopped on Tuesday", "We had four a day, now none. The form says it was sent.", "lead_capture",
     no_wedding, ""},
    {4, "No puedo entrar en mi cuenta", "El código por SMS no llega y la boda es el sábado.", "account_access", 5, ""},
    {4, "Pago rechazado", "La tarjeta del cliente fue rechazada dos veces, pero el banco dice que está bien.",
     "client_payment", 400, ""},
    {5, "Allergy list lost", "We entered 42 dietary notes and the export has none of them.", "guest_data", 3, ""},
    {5, "How do guests change their RSVP?", "Two cousins have changed their minds.", "rsvp", 700,
     "With the link in their invitation, until the day that you set as the deadline."},
}};

/// Noon, UTC, of the next Saturday.
domain::instant next_saturday_noon(domain::instant now) {
  auto day = std::chrono::floor<std::chrono::days>(now);
  do {
    day += std::chrono::days{1};
  } while (std::chrono::weekday{day} != std::chrono::Saturday);
  return day + 12h;
}

/// Asks and waits: the demo is seeded before anybody is served.
template <class T, class Ask>
T wait_for(Ask ask) {
  std::promise<domain::result<T>> promise;
  ask(domain::completion<T>([&promise](domain::result<T> answer) { promise.set_value(std::move(answer)); }));
  auto answer = promise.get_future().get();
  if (!answer) throw std::runtime_error("the demo could not be seeded: " + answer.error().detail);
  return std::move(*answer);
}

domain::change submit(gateway& desk, const domain::clock_port& clock, std::optional<domain::ticket_id> id,
                      domain::ticket_command command, const domain::caller& by) {
  submission what{id, std::move(command), by, std::nullopt, std::nullopt, clock.steady_now() + 10s};
  return wait_for<outcome>([&](auto done) { desk.submit(std::move(what), std::move(done)); }).what;
}

domain::organization_id id_of(const demo_organization& o) { return *domain::organization_id::parse(o.id); }

void seed_ticket(gateway& desk, const domain::clock_port& clock, const demo_ticket& t) {
  const auto& owner = organizations[t.organization];
  domain::create_ticket create;
  create.organization = id_of(owner);
  create.subject = t.subject;
  create.body = t.body;
  create.category = std::string(t.category);
  if (t.hours_after_saturday_noon != no_wedding) {
    auto at = next_saturday_noon(clock.now()) + std::chrono::hours{t.hours_after_saturday_noon};
    create.wedding = domain::wedding{at, std::string(owner.time_zone), ""};
  }
  domain::caller customer{"demo-requester", domain::role::requester, create.organization};
  auto made = submit(desk, clock, std::nullopt, std::move(create), customer);
  if (t.reply.empty()) return;
  domain::caller agent{"demo-agent", domain::role::agent, std::nullopt};
  auto id = made.after->id;
  submit(desk, clock, id, domain::assign_ticket{agent.sub}, agent);
  domain::add_message reply{domain::message_id::generate(), std::string(t.reply), domain::visibility::public_,
                            domain::channel::web, false};
  submit(desk, clock, id, std::move(reply), agent);
}

}  // namespace

void seed_demo(gateway& desk, const domain::clock_port& clock) {
  domain::caller admin{"demo-admin", domain::role::admin, std::nullopt};
  auto known = wait_for<domain::page<domain::organization>>(
      [&](auto done) { desk.organizations(admin, 1, "", std::move(done)); });
  if (!known.data.empty()) return;
  for (const auto& o : organizations) {
    domain::organization what;
    what.id = id_of(o);
    what.name = o.name;
    what.tier = o.tier;
    what.time_zone = o.time_zone;
    wait_for<domain::organization>(
        [&](auto done) { desk.put_organization(what, admin, std::nullopt, std::move(done)); });
  }
  for (const auto& t : tickets) seed_ticket(desk, clock, t);
}

demo_account demo_login(const store::connect_target& doorkeeper, const std::string& path, domain::instant now) {
  constexpr std::size_t random_bytes = 15;
  if (std::filesystem::exists(path)) {
    net::json_reader reader;
    const auto text = read_whole_file(path);
    const auto kept = reader.read(text);
    const auto* user = kept ? (*kept)->find("user") : nullptr;
    const auto* password = kept ? (*kept)->find("password") : nullptr;
    if (user == nullptr || password == nullptr) throw std::runtime_error(path + " is not the demo's login");
    return {std::string(user->text), std::string(password->text)};
  }
  demo_account out{"demo-supervisor", net::encode_base64url(store::random_token_bytes().substr(0, random_bytes))};
  // The file comes last: a start that was cut off between the two draws another one.
  if (!store::set_password(doorkeeper, out.user, out.password, now))
    throw std::runtime_error("the demo has no agent " + out.user);
  std::string json;
  domain::json_writer w(json);
  w.begin_object();
  w.member("user", out.user);
  w.member("password", out.password);
  w.end_object();
  place_private_file(path, json + "\n");
  return out;
}

std::string demo_welcome(const std::string& url, const demo_account& login, const net::jwt_key& key,
                         domain::instant now, const std::string& path) {
  constexpr std::array roles{domain::role::requester, domain::role::agent,     domain::role::supervisor,
                             domain::role::manager,   domain::role::executive, domain::role::admin};
  std::string out = "\nconsole  " + url + "/\nsign in  " + login.user + ", password " + login.password + "\n\n";
  std::string json;
  domain::json_writer w(json);
  w.begin_object();
  std::string requester;
  for (auto role : roles) {
    domain::caller who{"demo-" + std::string(to_word(role)), role, std::nullopt};
    if (role == domain::role::requester) who.organization = id_of(organizations[0]);
    auto token = net::sign_token(key, who, now, 12h);
    if (role == domain::role::requester) requester = token;
    std::string name(to_word(role));
    out += name + std::string(12 - name.size(), ' ') + token + "\n";
    w.member(name, token);
  }
  w.end_object();
  {
    std::ofstream file(path, std::ios::trunc);
    ::chmod(path.c_str(), 0600);
    file << json << '\n';
  }
  out += "\ncurl -s " + url + "/api/support/tickets -H 'Authorization: Bearer " + requester +
         "' \\\n  -H 'Content-Type: application/json' \\\n"
         "  -d '{\"subject\":\"The cake is late\",\"body\":\"Dinner is at seven and the baker does not answer.\"}'\n\n";
  return out;
}

}  // namespace usher::app
