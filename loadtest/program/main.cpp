// The command line of `usher-load`, the harness that puts load on a desk.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "loadtest/commands.hpp"

namespace {

using usher::load::corpus_arguments;
using usher::load::run_arguments;

void add_corpus(CLI::App& app, corpus_arguments& args, std::string& data) {
  auto* command = app.add_subcommand(
      "corpus",
      "posts every ticket of a labelled file as customers of several organizations, lets messages and "
      "replies follow, reads everything back by list and by id, and compares");
  command->footer("Exit code 0: everything was as it was sent; 1: something was not; 2: the run could not take place.");
  command->add_option("FILE", args.file, "a JSON object a line: id, subject, body, context")->required();
  command->add_option("--url", args.url, "where the desk listens [http://127.0.0.1:8080]");
  command->add_option("--data", data, "the desk's data directory, for its jwt.key [./usher-data]")
      ->envname("USHER_DATA");
  command->add_option("--jwt-key", args.key_file, "an HS256 secret file [DATA/jwt.key]")->envname("USHER_JWT_KEY");
  command->add_option("--organizations", args.options.organizations, "how many; each tier has at least one [8]")
      ->check(CLI::Range(4, 1000));
  command->add_option("--connections", args.options.connections, "connections, each with its thread [8]")
      ->check(CLI::Range(1, 256));
  command->add_option("--seed", args.options.seed, "ids, customers and stories follow from it [1]");
  command->add_option("--report", args.report, "writes what the desk acknowledged last of every ticket, as JSON");
  command->add_flag("--allow-remote", args.allow_remote, "takes a URL that is not this machine");
}

constexpr const char* run_footer =
    "A threshold is METRIC[{LABEL:VALUE,…}] [AGGREGATE] COMPARISON NUMBER[UNIT], such as\n"
    "  'http_req_duration{name:create} p(95)<200'   'errors < 0.1%'   'lost == 0'   'http_reqs rate > 500'\n"
    "Durations (http_req_duration: from the planned moment on; http_req_service: from the sending on;\n"
    "http_req_refused_duration; scheduling_lag) take p(N), avg, min, med, max, and are in ms without a unit.\n"
    "Counts (http_reqs, journeys, errors, refused, unplanned, timeouts, cut, absent, dropped, lost, unknown) take\n"
    "count or rate; with neither, errors and what they consist of, refused and dropped are shares.\n"
    "memory_growth is a share: of the server's memory, from the third tenth of the run to the last.\n"
    "Labels: name (of the step), who, stage, status (of http_reqs).\n"
    "\n"
    "Exit code 0: every threshold held; 99: one was crossed; 130: interrupted, none crossed;\n"
    "2: the run could not take place, or what was acknowledged could not be looked for.";

void add_run(CLI::App& app, run_arguments& args) {
  auto* command = app.add_subcommand("run",
                                     "plays a scenario: people arrive when it says, whatever the server does, and "
                                     "latency counts from the planned moment");
  command->footer(run_footer);
  command->add_option("SCENARIO", args.scenario, "a shipped scenario's name, or a TOML file")->required();
  command->add_option("--target", args.url, "where the server listens [http://127.0.0.1:8080]");
  command->add_option("--tokens-from", args.data, "the desk's data directory, for its jwt.key [./usher-data]")
      ->envname("USHER_DATA");
  command->add_option("--jwt-key", args.key_file, "an HS256 secret file [DATA/jwt.key]")->envname("USHER_JWT_KEY");
  command->add_flag("--no-tokens", args.no_tokens, "for a server that is no desk: requests carry no token");
  command->add_option("--seed", args.seed, "arrivals, people and texts follow from it [1]");
  command->add_option("--scale", args.scale, "multiplies all rates [1]")->check(CLI::Range(0.0001, 10000.0));
  command->add_option("--duration", args.duration, "stretches or squeezes the stages to last this long together");
  command->add_option("--threads", args.threads, "of the generator [as the scenario says, else 1]")
      ->check(CLI::Range(1, 16));
  command->add_option("--corpus", args.corpus, "labelled tickets, a JSON object a line [built in]");
  command->add_option("--database", args.database,
                      "a libpq connection string of a superuser: what was acknowledged is looked for there as well");
  command->add_flag("--no-verify", args.no_verify,
                    "does not look for what was acknowledged; thresholds on lost are left out then");
  command->add_option("--threshold", args.thresholds, "one more; can be given many times")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--summary", args.summary, "writes all figures as JSON");
  command->add_option("--report", args.report, "writes one HTML file with plots");
  command->add_flag("--allow-remote", args.allow_remote,
                    "takes a target that is not this machine: only one that is yours to load");
}

int main_of(int argc, char** argv) {
  CLI::App app("Puts load on an Usher desk and checks what it answers.", "usher-load");
  app.require_subcommand(1);
  corpus_arguments corpus_args;
  run_arguments run_args;
  std::string data = "./usher-data";
  std::string shown;
  add_run(app, run_args);
  app.add_subcommand("list", "lists the shipped scenarios");
  app.add_subcommand("show", "prints a shipped scenario, to start one's own from")
      ->add_option("SCENARIO", shown, "its name")
      ->required();
  add_corpus(app, corpus_args, data);
  CLI11_PARSE(app, argc, argv);
  if (app.got_subcommand("run")) return usher::load::run(run_args);
  if (app.got_subcommand("list")) return usher::load::list();
  if (app.got_subcommand("show")) return usher::load::show(shown);
  if (corpus_args.key_file.empty()) corpus_args.key_file = data + "/jwt.key";
  return usher::load::corpus(corpus_args);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return main_of(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "usher-load: " << problem.what() << '\n';
    return 2;
  }
}
