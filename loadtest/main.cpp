// The command line of `usher-load`, the harness that puts load on a desk.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "loadtest/commands.hpp"

namespace {

using usher::load::corpus_arguments;

CLI::App* add_corpus(CLI::App& app, corpus_arguments& args, std::string& data) {
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
  return command;
}

int run(int argc, char** argv) {
  CLI::App app("Puts load on an Usher desk and checks what it answers.", "usher-load");
  app.require_subcommand(1);
  corpus_arguments corpus_args;
  std::string data = "./usher-data";
  add_corpus(app, corpus_args, data);
  CLI11_PARSE(app, argc, argv);
  if (corpus_args.key_file.empty()) corpus_args.key_file = data + "/jwt.key";
  return usher::load::corpus(corpus_args);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "usher-load: " << problem.what() << '\n';
    return 2;
  }
}
