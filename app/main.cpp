// The command line of `usher`.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "app/commands.hpp"
#include "app/nearest.hpp"
#include "app/settings.hpp"

namespace {

using usher::app::all_settings;

struct serve_arguments {
  std::map<std::string, std::string> given;
  std::map<std::string, bool> switches;
  std::string config;
  bool print_config = false;
};

void add_serve(CLI::App& app, serve_arguments& args) {
  auto* command = app.add_subcommand("serve", "runs the desk");
  command->footer(
      "Every setting can also stand in the environment (USHER_ and its name in capitals, _ for -)\n"
      "or in the file of --config. A flag wins over the environment, the environment over the file.");
  for (const auto& s : all_settings()) {
    std::string name(s.name);
    std::string help(s.help);
    if (!s.fallback.empty() && !s.is_switch) help += " [" + std::string(s.fallback) + "]";
    if (s.is_switch)
      command->add_flag("--" + name, args.switches[name], help);
    else
      command->add_option("--" + name, args.given[name], help);
  }
  command->add_option("--config", args.config, "a TOML file of settings");
  command->add_flag("--print-config", args.print_config, "shows each setting and where it came from, and exits");
}

/// The doctor reads the settings as the server does, so that both speak of the same desk.
void add_doctor(CLI::App& app, serve_arguments& args) {
  auto* command = app.add_subcommand("doctor", "checks database, migrations, clock, disk, keys and outgoing channels");
  command->footer(
      "Prints a line for each: ok or FAIL, a name, and what was found. Exits 1 when one fails.\n"
      "Without --database it looks at the embedded PostgreSQL under --data: through the socket of a desk\n"
      "that runs, or by starting the server and stopping it again. It changes nothing.\n"
      "The environment (USHER_DATABASE, USHER_RESEND_KEY, …) and --config count as for `usher serve`.");
  command->add_option("--database", args.given["database"], "a libpq connection string; without it, the embedded one");
  command->add_option("--data", args.given["data"], "where the embedded PostgreSQL and the key live [./usher-data]");
  command->add_option("--jwt-key", args.given["jwt-key"], "the key file [DATA/jwt.key]");
  command->add_option("--tls-cert", args.given["tls-cert"], "the certificate chain of the front door, if it has one");
  command->add_option("--tls-key", args.given["tls-key"], "its key");
  command->add_option("--config", args.config, "a TOML file of settings");
}

/// The settings of a command, which may have some of the flags only. Nothing after a complaint.
std::optional<usher::app::setting_values> read_settings(const CLI::App& command, const serve_arguments& args) {
  std::map<std::string, std::string> flags;
  for (const auto& s : all_settings()) {
    std::string name(s.name);
    const auto* option = command.get_option_no_throw("--" + name);
    if (option == nullptr || option->count() == 0) continue;
    flags[name] = s.is_switch ? (args.switches.at(name) ? "true" : "false") : args.given.at(name);
  }
  auto values = usher::app::resolve_settings(flags, args.config);
  if (values) return std::move(*values);
  std::cerr << "usher " << command.get_name() << ": " << values.error().detail << '\n';
  return std::nullopt;
}

int run_doctor(const CLI::App& command, const serve_arguments& args) {
  auto values = read_settings(command, args);
  if (!values) return 2;
  auto outgoing = usher::app::read_outgoing(*values);
  if (!outgoing) {
    std::cerr << "usher doctor: " << outgoing.error().detail << '\n';
    return 2;
  }
  return usher::app::doctor({values->at("database").text, values->at("data").text, values->at("jwt-key").text,
                             *outgoing, values->at("tls-cert").text, values->at("tls-key").text});
}

int run_serve(const CLI::App& command, const serve_arguments& args) {
  auto values = read_settings(command, args);
  if (!values) return 2;
  auto checked = usher::app::check_settings(*values);
  auto outgoing = usher::app::read_outgoing(*values);
  if (!checked || !outgoing) {
    std::cerr << "usher serve: " << (checked ? outgoing.error().detail : checked.error().detail) << '\n';
    return 2;
  }
  if (args.print_config) {
    std::cout << usher::app::print_settings(*values);
    return 0;
  }
  return usher::app::serve(*checked, *outgoing);
}

/// After a flag that is none: the one that may have been meant.
void suggest(const CLI::App& app, int argc, char** argv) {
  const auto commands = app.get_subcommands();
  if (commands.empty()) return;
  std::vector<std::string> known;
  for (const auto* option : commands.front()->get_options()) known.push_back(option->get_name());
  for (int i = 1; i < argc; ++i) {
    const std::string_view word(argv[i]);
    const std::string flag(word.substr(0, word.find('=')));
    if (!flag.starts_with("--") || std::find(known.begin(), known.end(), flag) != known.end()) continue;
    std::cerr << "There is no " << flag << "; did you mean " << usher::app::nearest(flag, known) << "?\n";
  }
}

void add_classify(CLI::App& app, usher::app::classify_request& args) {
  auto* command = app.add_subcommand("classify", "judges labelled tickets and scores itself");
  command->footer(
      "The last line is: accuracy A macro_f1 F emergency_recall R emergency_precision P ece E us_per_ticket T");
  command->add_option("file", args.file, "tickets, a JSON object a line: id, subject, body, context, labels")
      ->required();
  command->add_option("--verdicts", args.verdicts_file, "where the verdicts go, a JSON object a line");
}

void add_train(CLI::App& app, usher::app::train_request& args) {
  auto* command = app.add_subcommand("train", "trains the classifier's model on labelled tickets");
  command->add_option("files", args.files, "labelled tickets, a JSON object a line")->required();
  command->add_option("--written", args.written, "tickets that were written to teach: learnt from, never scored");
  command->add_option("--translations", args.translations, "translations of these tickets, to learn from as well");
  command->add_option("--patterns", args.patterns_file, "a pattern library [the one built in]");
  auto* out = command->add_option("--out", args.out_file, "where the model goes");
  auto* compare = command->add_flag("--compare", args.compare, "says whether it is the model that is built in");
  auto* evaluate = command->add_flag("--evaluate", args.evaluate,
                                     "writes no model: trains on all files but one, scores on that one, in turn");
  command->add_flag("--quiet", args.quiet, "no progress");
  command->add_option("--rounds", args.options.rounds, "how often each ticket is read [15]");
  command->add_option("--rate", args.options.rate, "of the descent [0.1]");
  command->add_option("--left-out", args.options.left_out, "share of features that a reading ignores [0.3]");
  command->add_option("--judge-cost", args.options.judge_cost, "liblinear's C of the emergency's judgement [0.3]");
  command->add_option("--words", args.options.words, "how much words weigh [1.5]");
  command->add_option("--pieces", args.options.pieces, "how much pieces of words weigh [0.6]");
  command->add_option("--concepts", args.options.concepts, "how much the concepts of patterns weigh [0.4]");
  command->add_option("--evidence", args.options.evidence, "how much the sums of patterns weigh [0.15]");
  command->callback([out, compare, evaluate] {
    if (out->count() + compare->count() + evaluate->count() == 0)
      throw CLI::ValidationError("one of --out, --compare and --evaluate is needed");
  });
}

int run(int argc, char** argv) {
  CLI::App app("Usher, a support desk for the wedding industry.", "usher");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(USHER_VERSION));

  serve_arguments serve_args;
  add_serve(app, serve_args);

  std::string database;
  std::string data = "./usher-data";
  auto* migrate = app.add_subcommand("migrate", "brings a database's schema up to date, and exits");
  migrate->add_option("--database", database, "a libpq connection string; without it, the embedded PostgreSQL")
      ->envname("USHER_DATABASE");
  migrate->add_option("--data", data, "where the embedded PostgreSQL lives [./usher-data]")->envname("USHER_DATA");

  usher::app::token_request token_args;
  auto* token = app.add_subcommand("token", "prints a signed token, for development and operations");
  token->add_option("--role", token_args.role, "requester, agent, supervisor, manager, executive or admin")->required();
  token->add_option("--sub", token_args.sub, "the user's id [the role]");
  token->add_option("--org", token_args.organization, "the organization's id; a requester needs one");
  token->add_option("--ttl", token_args.ttl, "how long it holds: a number and s, m, h or d [12h]");
  token->add_option("--data", data, "where jwt.key lives [./usher-data]")->envname("USHER_DATA");
  token->add_option("--jwt-key", token_args.key_file, "an HS256 secret file [DATA/jwt.key]")->envname("USHER_JWT_KEY");

  serve_arguments doctor_args;
  add_doctor(app, doctor_args);
  usher::app::classify_request classify_args;
  add_classify(app, classify_args);
  usher::app::train_request train_args;
  add_train(app, train_args);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& problem) {
    suggest(app, argc, argv);
    return app.exit(problem);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem);
  }
  if (app.got_subcommand("doctor")) return run_doctor(*app.get_subcommand("doctor"), doctor_args);
  if (app.got_subcommand("classify")) return usher::app::classify(classify_args);
  if (app.got_subcommand("train")) return usher::app::train(train_args);
  if (app.got_subcommand("serve")) return run_serve(*app.get_subcommand("serve"), serve_args);
  if (app.got_subcommand(migrate)) return usher::app::migrate(database, data);
  if (token_args.key_file.empty()) token_args.key_file = data + "/jwt.key";
  return usher::app::token(token_args);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "usher: " << problem.what() << '\n';
    return 1;
  }
}
