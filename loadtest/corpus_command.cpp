#include <iostream>
#include <stdexcept>

#include "loadtest/commands.hpp"
#include "loadtest/report.hpp"

namespace usher::load {

int corpus(const corpus_arguments& args) {
  auto where = parse_target(args.url, args.allow_remote);
  if (!where) throw std::runtime_error(where.error());
  corpus_run run(std::move(*where), args.options, token_maker::from_file(args.key_file), read_corpus(args.file));
  run.put_organizations();
  run.post();
  run.read_back();
  print_summary(std::cout, run);
  if (!args.report.empty()) write_report(args.report, run);
  for (const auto& mismatch : run.found().first()) std::cerr << "mismatch: " << mismatch << '\n';
  return run.found().mismatches() == 0 ? 0 : 1;
}

}  // namespace usher::load
