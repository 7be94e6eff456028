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
void add_doctor(CLI::App& app, serve_arguments& args, usher::app::doctor_request& request) {
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
  auto* audit = command->add_flag("--audit", request.audit, "reads the whole audit trail and checks its chains");
  command->add_option("--checkpoint", request.checkpoint, "a checkpoint that the chains have to go on from")
      ->needs(audit);
  command->add_option("--checkpoint-key", request.checkpoint_key, "the public key of it [DATA/audit.key.pub]")
      ->needs(audit);
}

void add_checkpoint(CLI::App& app, usher::app::checkpoint_request& request) {
  auto* command = app.add_subcommand("checkpoint", "prints a signed checkpoint of the audit trail");
  command->footer(
      "Keep it where the desk's operators can't reach it: `usher doctor --audit --checkpoint FILE` tells later\n"
      "whether entries from before it were changed, or cut off at the end.");
  command->add_option("--database", request.database, "a libpq connection string; without it, the embedded one")
      ->envname("USHER_DATABASE");
  command->add_option("--data", request.data, "where the embedded PostgreSQL and the key live")
      ->envname("USHER_DATA")
      ->capture_default_str();
  command->add_option("--key", request.key_file, "an Ed25519 key, made when it is missing [DATA/audit.key]");
}

void add_database_options(CLI::App& command, serve_arguments& args) {
  command.add_option("--database", args.given["database"], "a libpq connection string; without it, the embedded one");
  command.add_option("--data", args.given["data"], "where the embedded PostgreSQL lives [./usher-data]");
  command.add_option("--freeze", args.given["freeze"], "when the desk is frozen, or off [sat 00:00 - sun 06:00]");
  command.add_option("--freeze-days", args.given["freeze-days"], "further days that are frozen, separated by commas");
  command.add_option("--config", args.config, "a TOML file of settings");
}

void add_migrate(CLI::App& app, serve_arguments& args) {
  auto* command = app.add_subcommand("migrate", "brings a database's schema up to date, and exits");
  command->footer("On a wedding day's freeze it changes nothing and exits with 3.");
  add_database_options(*command, args);
  command->add_option("--break-glass", args.given["break-glass"], "why it is done in spite of a freeze");
}

void add_freeze_check(CLI::App& app, serve_arguments& args) {
  auto* command = app.add_subcommand("freeze-check", "tells whether a deployment is allowed now");
  command->footer(
      "Exits 0 when it is, and 3 while a wedding day's freeze holds, with the reason in words; 1 when that can't be "
      "told.\n"
      "Without --database it looks at the embedded PostgreSQL under --data, through the socket of a desk that runs.");
  add_database_options(*command, args);
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

int run_doctor(const CLI::App& command, const serve_arguments& args, usher::app::doctor_request request) {
  auto values = read_settings(command, args);
  if (!values) return 2;
  auto outgoing = usher::app::read_outgoing(*values);
  if (!outgoing) {
    std::cerr << "usher doctor: " << outgoing.error().detail << '\n';
    return 2;
  }
  request.database = values->at("database").text;
  request.data = values->at("data").text;
  request.key_file = values->at("jwt-key").text;
  request.outgoing = std::move(*outgoing);
  request.tls_certificate = values->at("tls-cert").text;
  request.tls_key = values->at("tls-key").text;
  return usher::app::doctor(request);
}

void add_backup(CLI::App& app, usher::app::backup_command& args) {
  auto* command = app.add_subcommand("backup", "copies the desk while it runs, and proves the copy by a restore");
  command->footer(
      "A copy is a directory of --out that is named by its instant; it appears when it is whole. It holds the\n"
      "database and the keys that sign tokens and links: keep it as secret as them. The proof needs room in TMPDIR.");
  command->add_option("--database", args.database, "a libpq connection string; without it, the embedded PostgreSQL")
      ->envname("USHER_DATABASE");
  command->add_option("--data", args.data, "where the embedded PostgreSQL lives [./usher-data]")->envname("USHER_DATA");
  command->add_option("--out", args.out, "where copies are kept [DATA/backups]");
  command->add_option("--keep", args.keep, "how long; the newest is never deleted [30d]");
}

/// A command that a freeze may hold back.
int run_gated(const CLI::App& command, const serve_arguments& args,
              int (*call)(const usher::app::migrate_request& request)) {
  auto values = read_settings(command, args);
  if (!values) return 2;
  auto rules = usher::app::read_freeze_rules(*values);
  if (!rules) {
    std::cerr << "usher " << command.get_name() << ": " << rules.error().detail << '\n';
    return 2;
  }
  usher::app::migrate_request request{values->at("database").text, values->at("data").text, {}};
  request.gate = {std::move(*rules), usher::domain::system_clock_port().now(), values->at("break-glass").text};
  return call(request);
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
  command->add_option("--model", args.model_file, "a model that `usher train` wrote [the one built in]");
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
  command->add_option("--rounds", args.options.rounds, "how often each ticket is read [8]");
  command->add_option("--rate", args.options.rate, "of the descent [0.1]");
  command->add_option("--left-out", args.options.left_out, "share of features that a reading ignores [0.3]");
  command->add_option("--judge-cost", args.options.judge_cost, "liblinear's C of the emergency's judgement [0.03]");
  command->add_option("--words", args.options.words, "how much words weigh [1.5]");
  command->add_option("--pieces", args.options.pieces, "how much pieces of words weigh [0.6]");
  command->add_option("--concepts", args.options.concepts, "how much the concepts of patterns weigh [0.4]");
  command->add_option("--evidence", args.options.evidence, "how much the sums of patterns weigh [0.15]");
  command->callback([out, compare, evaluate] {
    if (out->count() + compare->count() + evaluate->count() == 0)
      throw CLI::ValidationError("one of --out, --compare and --evaluate is needed");
  });
}

void add_retrain(CLI::App& app, usher::app::retrain_request& args) {
  auto* command = app.add_subcommand("retrain", "trains the model with what the desk's people have corrected");
  command->footer(
      "Compares the new model with the one in force, on corrected tickets that were kept out and on the files,\n"
      "and puts it into DATA/model.bin unless it is worse; the old one is kept. `usher serve` goes by it from its\n"
      "next start on. Exits 3 when the new model was refused.");
  auto* files = command->add_option("files", args.files, "the labelled tickets that the model is trained on as well");
  command->add_option("--written", args.written, "tickets that were written to teach");
  command->add_option("--translations", args.translations, "translations of the files' tickets");
  command->add_option("--database", args.database, "a libpq connection string; without it, the embedded one")
      ->envname("USHER_DATABASE");
  command->add_option("--data", args.data, "where the model and the embedded PostgreSQL live [./usher-data]")
      ->envname("USHER_DATA");
  auto* revert = command->add_flag("--revert", args.revert, "goes back to the model before");
  command->add_flag("--dry-run", args.dry_run, "compares, and changes nothing");
  command->add_flag("--quiet", args.quiet, "no progress");
  command->callback([files, revert] {
    if (files->count() + revert->count() == 0) throw CLI::ValidationError("files of labelled tickets are needed");
  });
}

void add_password(CLI::App& app, usher::app::password_request& args) {
  auto* command = app.add_subcommand("password", "sets the password that an agent logs in with, and ends its sessions");
  command->footer("The password is the line that comes on standard input; a terminal does not show it.");
  command->add_option("user", args.user, "the agent's id")->required();
  command->add_option("--database", args.database, "a libpq connection string; without it, the embedded PostgreSQL")
      ->envname("USHER_DATABASE");
  command->add_option("--data", args.data, "where the embedded PostgreSQL lives [./usher-data]")->envname("USHER_DATA");
}

int run(int argc, char** argv) {
  CLI::App app("Usher, a support desk for the wedding industry.", "usher");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(USHER_VERSION));

  serve_arguments serve_args;
  add_serve(app, serve_args);

  std::string data = "./usher-data";
  serve_arguments migrate_args;
  add_migrate(app, migrate_args);
  serve_arguments freeze_args;
  add_freeze_check(app, freeze_args);

  usher::app::token_request token_args;
  auto* token = app.add_subcommand("token", "prints a signed token, for development and operations");
  token->add_option("--role", token_args.role, "requester, agent, supervisor, manager, executive or admin")->required();
  token->add_option("--sub", token_args.sub, "the user's id [the role]");
  token->add_option("--org", token_args.organization, "the organization's id; a requester needs one");
  token->add_option("--ttl", token_args.ttl, "how long it holds: a number and s, m, h or d [12h]");
  token->add_option("--data", data, "where jwt.key lives [./usher-data]")->envname("USHER_DATA");
  token->add_option("--jwt-key", token_args.key_file, "an HS256 secret file [DATA/jwt.key]")->envname("USHER_JWT_KEY");

  usher::app::password_request password_args;
  password_args.data = data;
  add_password(app, password_args);
  usher::app::backup_command backup_args{{}, data, {}, "30d"};
  add_backup(app, backup_args);
  std::string backup_path;
  std::string restore_data;
  auto* restore = app.add_subcommand("restore", "makes a data directory from a copy of `usher backup`");
  restore->add_option("backup", backup_path, "the copy's directory")->required();
  restore->add_option("--data", restore_data, "the new data directory: empty, or not there yet")->required();

  serve_arguments doctor_args;
  usher::app::doctor_request doctor_request;
  add_doctor(app, doctor_args, doctor_request);
  usher::app::checkpoint_request checkpoint_request;
  checkpoint_request.data = data;
  add_checkpoint(app, checkpoint_request);
  usher::app::classify_request classify_args;
  add_classify(app, classify_args);
  usher::app::train_request train_args;
  add_train(app, train_args);
  usher::app::retrain_request retrain_args;
  retrain_args.data = "./usher-data";
  add_retrain(app, retrain_args);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& problem) {
    suggest(app, argc, argv);
    return app.exit(problem);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem);
  }
  if (app.got_subcommand("doctor"))
    return run_doctor(*app.get_subcommand("doctor"), doctor_args, std::move(doctor_request));
  if (app.got_subcommand("checkpoint")) {
    if (checkpoint_request.key_file.empty()) checkpoint_request.key_file = checkpoint_request.data + "/audit.key";
    return usher::app::checkpoint(checkpoint_request);
  }
  if (app.got_subcommand("password")) return usher::app::set_password(password_args);
  if (app.got_subcommand("classify")) return usher::app::classify(classify_args);
  if (app.got_subcommand("train")) return usher::app::train(train_args);
  if (app.got_subcommand("retrain")) return usher::app::retrain(retrain_args);
  if (app.got_subcommand("serve")) return run_serve(*app.get_subcommand("serve"), serve_args);
  if (app.got_subcommand("backup")) return usher::app::backup(backup_args);
  if (app.got_subcommand(restore)) return usher::app::restore(backup_path, restore_data);
  if (app.got_subcommand("migrate"))
    return run_gated(*app.get_subcommand("migrate"), migrate_args, usher::app::migrate);
  if (app.got_subcommand("freeze-check"))
    return run_gated(*app.get_subcommand("freeze-check"), freeze_args, usher::app::freeze_check);
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
