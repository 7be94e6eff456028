// Plays kept inputs through a fuzz target, where there is no libFuzzer: each argument is a file, or a folder of them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> inputs_of(const std::filesystem::path& given) {
  if (!std::filesystem::is_directory(given)) return {given};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(given))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

int play(int argc, char** argv) {
  std::size_t played = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& file : inputs_of(argv[i])) {
      std::ifstream in(file, std::ios::binary);
      std::string bytes(std::istreambuf_iterator<char>(in), {});
      if (!in) {
        std::cerr << file << " can't be read\n";
        return 1;
      }
      std::cerr << file.filename().string() << '\n';  // the last name is the one that it fell over
      // A copy of exactly this size, so that the address sanitizer sees a byte too far.
      std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
      LLVMFuzzerTestOneInput(exact.data(), exact.size());
      ++played;
    }
  }
  std::cerr << played << " inputs\n";
  return played == 0 ? 1 : 0;  // an empty corpus proves nothing
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return play(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "an exception: " << problem.what() << '\n';
    return 1;
  }
}
