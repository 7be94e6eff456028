#include "app/desk_model.hpp"

#include <fstream>
#include <iterator>

#include "classifier/embedded.hpp"

namespace usher::app {

namespace {

namespace fs = std::filesystem;

domain::result<void> said(const std::error_code& problem, const fs::path& file) {
  if (!problem) return {};
  return domain::fail(domain::errc::invalid, file.string() + ": " + problem.message());
}

}  // namespace

domain::result<std::shared_ptr<const classifier::model>> load_model(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (!in) return domain::fail(domain::errc::invalid, file.string() + " can't be read");
  auto loaded = classifier::model::load(bytes);
  if (!loaded) return domain::fail(domain::errc::invalid, file.string() + ": " + loaded.error().detail);
  return loaded;
}

bool desk_model::exists() const {
  std::error_code ignored;
  return fs::exists(now(), ignored);
}

domain::result<std::shared_ptr<const classifier::model>> desk_model::load() const {
  return exists() ? load_model(now()) : classifier::model::load(classifier::embedded_model());
}

domain::result<void> desk_model::replace(const std::string& bytes) const {
  auto fresh = data_ / "model.new.bin";
  std::error_code problem;
  {
    std::ofstream out(fresh, std::ios::binary);
    out << bytes;
    if (!out.flush()) return domain::fail(domain::errc::invalid, fresh.string() + " can't be written");
  }
  // A copy, so that there is a model under its name at any moment.
  if (exists())
    fs::copy_file(now(), before(), fs::copy_options::overwrite_existing, problem);
  else
    fs::remove(before(), problem);
  if (problem) return said(problem, before());
  fs::rename(fresh, now(), problem);
  return said(problem, now());
}

domain::result<void> desk_model::revert() const {
  if (!exists()) return domain::fail(domain::errc::invalid, "the desk goes by the model that is built in");
  std::error_code problem;
  if (fs::exists(before(), problem))
    fs::rename(before(), now(), problem);
  else
    fs::remove(now(), problem);
  return said(problem, now());
}

}  // namespace usher::app
