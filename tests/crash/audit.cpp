// SPDX-License-Identifier: Apache-2.0
#include "crash/audit.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "crash/crash_job.hpp"

namespace weir::crash {
namespace {

/// What was found of each record and key.
class Ledger {
 public:
  explicit Ledger(std::uint64_t records) : times_(records), numbers_(kKeys) {}

  void read(const std::filesystem::path& file) {
    std::ifstream in{file};
    std::uint64_t record = 0;
    std::uint64_t key = 0;
    std::uint64_t number = 0;
    while (in >> record >> key >> number) {
      if (record >= times_.size() || key != key_of(record)) {
        ++audit_.foreign;
        continue;
      }
      ++times_[record];
      numbers_[key].push_back(number);
    }
    if (!in.eof()) ++audit_.foreign;
  }

  Audit finish() {
    for (const std::uint32_t times : times_) {
      if (times == 0) ++audit_.lost;
      if (times > 1) audit_.doubled += times - 1;
    }
    for (std::vector<std::uint64_t>& numbers : numbers_) {
      std::sort(numbers.begin(), numbers.end());
      bool is_right = true;
      for (std::size_t i = 0; i < numbers.size(); ++i) is_right &= numbers[i] == i + 1;
      if (!is_right) ++audit_.misnumbered;
    }
    return audit_;
  }

 private:
  std::vector<std::uint32_t> times_;
  std::vector<std::vector<std::uint64_t>> numbers_;
  Audit audit_;
};

}  // namespace

Audit audit_output(const std::string& directory, std::uint64_t records) {
  Ledger ledger{records};
  if (!std::filesystem::exists(directory)) return ledger.finish();
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    const bool is_hidden = entry.path().filename().string().front() == '.';
    if (entry.is_regular_file() && !is_hidden) ledger.read(entry.path());
  }
  return ledger.finish();
}

}  // namespace weir::crash
