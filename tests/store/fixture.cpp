#include "fixture.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

#include "store/child_process.hpp"

namespace usher::test {

namespace fs = std::filesystem;

namespace {

store::steady_time now() { return std::chrono::steady_clock::now(); }

/// One name a schema, beside the tests' program.
fs::path template_path() {
  std::string all;
  for (const auto& each : store::embedded_migrations()) all += each.sql;
  return fs::read_symlink("/proc/self/exe").parent_path() / ("cluster-" + store::checksum(all).substr(0, 16));
}

void copy_tree(const fs::path& from, const fs::path& to) {
  auto answer = store::run_child({{"/bin/cp", "-a", from.string(), to.string()}, {}, -1, "/", 0});
  if (answer.code != 0) throw std::runtime_error("cp: " + answer.output);
}

// In a scratch directory: the build's may lie where the server's user can't go.
void make_template(const fs::path& to) {
  scratch_directory draft;
  store::embedded_postgres server({.directory = draft.path()});
  server.start();
  store::migrate(store::connect_target{server.conninfo("postgres"), {}});
  server.stop();
  copy_tree(draft.path() / "postgres", fs::path(to.string() + ".new"));
  fs::rename(to.string() + ".new", to);
}

template <class T>
bool same_pointee(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a == nullptr ? b == nullptr : b != nullptr && *a == *b;
}

}  // namespace

namespace {

/// In memory, where there is enough of it: what a disk does is not these tests' subject.
fs::path scratch_root() {
  std::error_code failed;
  auto space = fs::space("/dev/shm", failed);
  bool roomy = !failed && space.available > (std::uintmax_t{2} << 30U);
  return roomy && ::access("/dev/shm", W_OK) == 0 ? fs::path("/dev/shm") : fs::temp_directory_path();
}

}  // namespace

scratch_directory::scratch_directory() {
  std::string pattern = (scratch_root() / "usher-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = pattern;
  fs::permissions(path_, fs::perms::others_exec, fs::perm_options::add);  // the server's user goes through it
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void place_cluster(const fs::path& directory) {
  auto from = template_path();
  int lock = ::open((from.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0 || ::flock(lock, LOCK_EX) != 0) throw std::runtime_error("the template's lock");
  if (!fs::exists(from)) {
    fs::remove_all(from.string() + ".new");
    make_template(from);
  }
  ::close(lock);
  copy_tree(from, directory / "postgres");
}

scratch_server::scratch_server() : server_({.directory = directory_.path()}) {
  place_cluster(directory_.path());
  server_.start();
}

store::rows scratch_server::ask(const std::string& sql, const store::parameters& params) {
  auto opened = store::connection::open(as("postgres"), soon());
  if (!opened) throw store::unavailable_error(opened.error());
  auto answer = opened->query(sql, params, soon());
  if (!answer) throw store::unavailable_error(answer.error());
  return std::move(*answer);
}

store::lane_settings scratch_server::lanes(int count) const {
  store::lane_settings settings;
  settings.target = as("usher_writer");
  settings.lanes = count;
  return settings;
}

store::read_settings scratch_server::reads() const { return {as("usher_reader"), as("usher_staff"), 2, 64}; }

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  auto deadline = now() + limit;
  while (!holds()) {
    if (now() >= deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

store::steady_time soon() { return now() + patience; }

instant noon(std::int64_t ms) {
  return instant(std::chrono::sys_days{std::chrono::year{2026} / 6 / 1} + 12h) + domain::milliseconds(ms);
}

domain::organization an_organization() {
  domain::organization made;
  made.id = domain::organization_id::generate();
  made.name = "Peony & Sons";
  made.tier = domain::tier::professional;
  made.time_zone = "Europe/Paris";
  made.created_at = made.updated_at = noon();
  return made;
}

domain::caller staff() { return {"margot", domain::role::manager, std::nullopt}; }

domain::change created(const ticket_wishes& wishes) {
  static const auto settings = domain::desk_settings::defaults();
  domain::create_ticket create;
  create.id = domain::ticket_id::generate();
  create.number = wishes.number;
  create.organization = wishes.organization;
  create.tier = domain::tier::professional;
  create.subject = "The tent has a hole";
  create.body = "It rains in. What do we do?";
  wishes.also(create);
  return domain::perform(nullptr, create, {staff(), wishes.at, &settings, std::nullopt, nullptr}).value();
}

domain::change changed(const domain::ticket_ptr& ticket, const domain::ticket_command& command, instant at) {
  static const auto settings = domain::desk_settings::defaults();
  return domain::perform(ticket, command, {staff(), at, &settings, std::nullopt, nullptr}).value();
}

domain::result<std::monostate> commit(store::writer& lanes, store::write what) {
  return answer_of<std::monostate>([&](auto done) {
    what.done = std::move(done);
    lanes.submit(std::move(what));
  });
}

domain::result<std::monostate> commit(store::writer& lanes, domain::change what) {
  return commit(lanes, store::write{store::ticket_write{std::move(what), std::nullopt}, store::steady_time::max(), {}});
}

domain::organization_id add_organization(store::writer& lanes) {
  auto made = an_organization();
  auto forever = store::steady_time::max();
  commit(lanes, store::write{store::policies_write{domain::desk_settings::defaults().all_policies()}, forever, {}})
      .value();
  commit(lanes, store::write{store::organization_write{made, 0, staff()}, forever, {}}).value();
  return made.id;
}

domain::ticket_ptr load(store::reader& reads, domain::ticket_id id) {
  auto found = answer_of<std::vector<domain::ticket_ptr>>(
      [&](auto done) { reads.load_tickets({id}, {}, soon(), std::move(done)); });
  return found.value().at(0);
}

bool same(const domain::ticket& a, const domain::ticket& b) {
  return a.id == b.id && a.number == b.number && a.organization == b.organization && a.tier == b.tier &&
         a.via == b.via && a.status == b.status && a.priority == b.priority && a.urgency == b.urgency &&
         a.escalation_level == b.escalation_level && a.reopened == b.reopened && a.version == b.version &&
         a.created_at == b.created_at && a.updated_at == b.updated_at && a.resolved_at == b.resolved_at &&
         a.deleted_at == b.deleted_at && a.requester_id == b.requester_id && a.assignee_id == b.assignee_id &&
         a.category == b.category && a.subject == b.subject && a.body == b.body && a.clocks == b.clocks &&
         a.escalations == b.escalations && a.emergency_since == b.emergency_since && a.raised_from == b.raised_from &&
         a.merged_into == b.merged_into && same_pointee(a.tags, b.tags) &&
         same_pointee(a.custom_fields, b.custom_fields) && same_pointee(a.wedding, b.wedding) &&
         same_pointee(a.requester, b.requester) && same_pointee(a.classification, b.classification);
}

}  // namespace usher::test
