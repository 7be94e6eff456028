#include "store/demo_agents.hpp"

#include <stdexcept>

namespace usher::store {

namespace {

constexpr auto patience = std::chrono::seconds(10);

// The ids are the subs of the demo's tokens, and some colleagues.
const std::string agents_sql = R"sql(
INSERT INTO usher.support_agents (id, name, email, role, skills, languages, capacity, wedding_specialist)
VALUES
  ('demo-agent', 'Sam Okafor', 'sam@desk.example', 'agent',
   '[{"skill": "web_platform", "level": 4}, {"skill": "guest_rsvp", "level": 3}]', '{en}', 12, false),
  ('demo-agent-2', 'Inés Duarte', 'ines@desk.example', 'agent',
   '[{"skill": "payments", "level": 5}, {"skill": "identity", "level": 3}]', '{es,en}', 10, false),
  ('demo-agent-3', 'Léa Fournier', 'lea@desk.example', 'agent',
   '[{"skill": "wedding_day", "level": 5}, {"skill": "vendor_network", "level": 5}]', '{fr,en}', 8, true),
  ('demo-supervisor', 'Priya Raman', 'priya@desk.example', 'supervisor', '[]', '{en}', 6, true),
  ('demo-manager', 'Tom Becker', 'tom@desk.example', 'manager', '[]', '{en}', 0, false),
  ('demo-executive', 'Ana Lindqvist', 'ana@desk.example', 'executive', '[]', '{en}', 0, false)
ON CONFLICT (id) DO NOTHING)sql";

}  // namespace

void seed_demo_agents(const connect_target& writer) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  auto open = connection::open(writer, deadline);
  if (!open) throw std::runtime_error("the demo's agents could not be added: " + open.error().message);
  auto done = open->script(agents_sql, deadline);
  if (!done) throw std::runtime_error("the demo's agents could not be added: " + done.error().message);
}

}  // namespace usher::store
