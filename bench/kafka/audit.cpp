// SPDX-License-Identifier: Apache-2.0
// Reads a topic of counts as a committed reader sees it: the last count of each key, summed up,
// must be the number of records that were counted, and no key's count may ever go down.
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include "bench/kafka/count.hpp"
#include "bench/kafka/options.hpp"
#include "kafka/topics.hpp"

namespace bench {
namespace {

constexpr const char* kUsage =
    "kafka_audit --brokers=HOST:PORT --topic=NAME --records=N [--counts=bytes|text]\n";

/// Returns whether the counts are those of so many records.
bool audit(const Options& options) {
  const bool are_text = options.text("counts", "bytes") == "text";
  absl::flat_hash_map<std::string, std::int64_t> last;
  std::int64_t changes = 0;
  std::int64_t fallen = 0;
  const auto take = [&](kafka_test::Received&& record) {
    const std::string value = record.value.value_or("");
    const std::int64_t count = are_text ? std::stoll(value) : from_bytes(value);
    std::int64_t& known = last[record.key.value_or("")];
    if (count < known) ++fallen;
    known = count;
    ++changes;
  };
  kafka_test::read_committed({{"bootstrap.servers", options.text("brokers")}},
                             options.text("topic"), take);
  std::int64_t sum = 0;
  for (const auto& [key, count] : last) sum += count;
  std::printf("{\"keys\": %zu, \"changes\": %lld, \"sum\": %lld, \"fallen\": %lld}\n", last.size(),
              static_cast<long long>(changes), static_cast<long long>(sum),
              static_cast<long long>(fallen));
  return sum == options.number("records") && fallen == 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  try {
    return bench::audit(bench::Options{argc, argv}) ? 0 : 1;
  } catch (const std::invalid_argument& error) {
    std::cerr << "kafka_audit: " << error.what() << '\n' << bench::kUsage;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "kafka_audit: " << error.what() << '\n';
    return 1;
  }
}
