// SPDX-License-Identifier: Apache-2.0

// Kills a job from Kafka to Kafka, and the broker, over and over, lets it finish, and audits its
// output.
//
//     kafka_crash_runner --kills 30 --seed 1 [--processes P] [--broker-kills B] [--drop-one]
//
// Most kills land at a step of the protocol, where the process is held until it is dead. The last
// line is "N kills, R records, L lost, D doubled"; the status is 0 when nothing is lost or doubled,
// and 77 where there is no Kafka.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "crash/kafka_job.hpp"
#include "crash/kafka_killer.hpp"

namespace weir::crash {
namespace {

constexpr int kSkipped = 77;

KafkaKillerOptions parse(const std::vector<std::string>& words) {
  KafkaKillerOptions options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--kills") {
      options.kills = std::stoull(words.at(++i));
    } else if (words[i] == "--seed") {
      options.seed = std::stoull(words.at(++i));
    } else if (words[i] == "--processes") {
      options.processes = std::max<std::uint64_t>(std::stoull(words.at(++i)), 1);
    } else if (words[i] == "--broker-kills") {
      options.broker_kills = std::stoull(words.at(++i));
    } else if (words[i] == "--drop-one") {
      options.drops_one = true;
    } else if (words[i] != "--kafka") {
      throw std::invalid_argument{"unknown argument '" + words[i] +
                                  "'; known are --kills N, --seed S, --processes P, "
                                  "--broker-kills B, --drop-one"};
    }
  }
  return options;
}

int run(const std::vector<std::string>& words) {
  if (!words.empty() && words.front() == "--job") {
    return run_kafka_job(KafkaJobOptions::from_words({words.begin() + 1, words.end()}));
  }
  const KafkaKillerOptions options = parse(words);
  if (const auto why = kafka_test::why_no_kafka()) {
    std::printf("skipped: %s\n", why->c_str());
    return kSkipped;
  }
  std::string pattern = (std::filesystem::temp_directory_path() / "weir-crash-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
  int result = 1;
  try {
    result = KafkaKiller{options, pattern}.run();
  } catch (...) {
    std::fprintf(stderr, "files are left in %s\n", pattern.c_str());
    throw;
  }
  if (result == 0 || options.drops_one) std::filesystem::remove_all(pattern);
  return result;
}

}  // namespace
}  // namespace weir::crash

int main(int argc, char** argv) {
  try {
    return weir::crash::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kafka_crash_runner: %s\n", error.what());
    return 2;
  }
}
