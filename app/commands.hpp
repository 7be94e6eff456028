// The commands of `usher`, each a function from its arguments to an exit code.
#pragma once

#include <string>
#include <vector>

#include "app/outgoing.hpp"
#include "app/settings.hpp"
#include "classifier/trainer.hpp"
#include "store/freeze_gate.hpp"

namespace usher::app {

/// Runs the desk until SIGTERM or SIGINT, then drains. 0 after a drain, 1 when it could not start.
int serve(const serve_settings& settings, const outgoing_settings& outgoing);

struct migrate_request {
  std::string database;  ///< empty: the embedded one under `data`
  std::string data;
  store::freeze_gate gate;
};

/// Brings the schema of a database up to date. 3 when a wedding day's freeze holds it back.
int migrate(const migrate_request& request);

/// Tells whether a deployment is allowed now: 0, or 3 while a wedding day's freeze holds.
int freeze_check(const migrate_request& request);

struct token_request {
  std::string role;
  std::string sub;
  std::string organization;
  std::string ttl = "12h";  ///< a number and `s`, `m`, `h` or `d`
  std::string key_file;
};

struct doctor_request {
  std::string database;  ///< empty: the embedded one under `data`
  std::string data;
  std::string key_file;
  outgoing_settings outgoing;
  bool audit = false;             ///< reads the whole audit trail, too
  std::string checkpoint;         ///< a file; empty: none
  std::string checkpoint_key{};   ///< the public half of the key that signed it; empty: `data`'s own
  std::string tls_certificate{};  ///< empty: plain HTTP
  std::string tls_key{};
};

/// Looks at everything that a desk needs and prints a line for each: `ok` or `FAIL`, a name, words. 1 when one fails.
int doctor(const doctor_request& request);

struct backup_command {
  std::string database;  ///< empty: the embedded one under `data`
  std::string data;
  std::string out;   ///< empty: DATA/backups
  std::string keep;  ///< `30d`
};

/// Makes a backup, proves it by a restore, and deletes those that are older than it keeps. 2 for a wrong value.
int backup(const backup_command& request);
/// Restores a backup into an empty data directory.
int restore(const std::string& backup_path, const std::string& data);

struct checkpoint_request {
  std::string database;  ///< empty: the embedded one under `data`
  std::string data;
  std::string key_file;  ///< made when it is missing
};

/// Prints a signed checkpoint of the audit trail.
int checkpoint(const checkpoint_request& request);

/// Prints a signed token.
int token(const token_request& request);

struct password_request {
  std::string database;  ///< empty: the embedded one under `data`
  std::string data;
  std::string user;  ///< an agent's id
};

/// Sets the password of an agent to the line that comes on standard input. 1 when there is no such agent, 2 for a
/// password that is too short, too long or no text.
int set_password(const password_request& request);

struct classify_request {
  std::string file;           ///< tickets, a JSON object a line
  std::string verdicts_file;  ///< where verdicts go, a JSON object a line; empty: nowhere
  std::string model_file;     ///< empty: the model that is built in
};

/// Judges the tickets of a file and scores itself against their labels. 1 when the file can't be read or a line is bad.
int classify(const classify_request& request);

struct train_request {
  std::vector<std::string> files;
  std::vector<std::string> translations;
  std::vector<std::string> written;  ///< learnt from, never scored
  std::string patterns_file;         ///< empty: the library that is built in
  std::string out_file;
  bool compare = false;
  bool evaluate = false;
  bool quiet = false;
  classifier::training_options options;
};

/// Trains the classifier's model on labelled tickets. 3 when `compare` finds another model than the one built in.
int train(const train_request& request);
/// The tickets of its files, in order, the written ones marked and the translations added.
[[nodiscard]] domain::result<std::vector<classifier::labelled_ticket>> read_training_files(
    const train_request& request);

struct retrain_request {
  std::string database;  ///< empty: the embedded one under `data`
  std::string data;      ///< where the model goes
  std::vector<std::string> files;
  std::vector<std::string> translations;
  std::vector<std::string> written;
  bool revert = false;
  bool dry_run = false;
  bool quiet = false;
};

/// Trains with the desk's corrected tickets and puts the model into DATA unless it is worse. 3 when it was refused.
int retrain(const retrain_request& request);

}  // namespace usher::app
