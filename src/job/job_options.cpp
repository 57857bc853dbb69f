// SPDX-License-Identifier: Apache-2.0
#include "weir/job_options.hpp"

#include <sstream>

namespace weir::inline v0 {
namespace {

/// Collects faults in the form "name is value; what is wanted".
class Faults {
 public:
  void require(bool is_met, const std::string& name, const std::string& value,
               const std::string& wanted) {
    if (!is_met) found_.push_back(name + " is " + value + "; " + wanted);
  }
  void positive(Duration value, const std::string& name) {
    require(value.count() > 0, name, std::to_string(value.count()) + "ms", "it must be positive");
  }
  void between(std::uint64_t value, std::uint64_t min, std::uint64_t max, const std::string& name) {
    require(value >= min && value <= max, name, std::to_string(value),
            "it must be between " + std::to_string(min) + " and " + std::to_string(max));
  }
  std::vector<std::string> take() { return std::move(found_); }

 private:
  std::vector<std::string> found_;
};

constexpr std::uint32_t kMaxShards = 65'536;  // One per key group.
constexpr std::uint32_t kMaxWorkers = 1'024;

bool is_name(const std::string& text) {
  if (text.empty() || text.size() > 200) return false;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (!is_plain) return false;
  }
  return text.front() != '.';
}

std::string to_text(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::at_most_once:
      return "at_most_once";
    case Guarantee::at_least_once:
      return "at_least_once";
    case Guarantee::exactly_once:
      return "exactly_once";
  }
  return "unknown";
}

std::string to_text(Exchange exchange) { return exchange == Exchange::memory ? "memory" : "topic"; }

std::string describe_ladder(const std::vector<RetentionStep>& ladder) {
  std::string text;
  for (const RetentionStep& step : ladder) {
    if (!text.empty()) text += ", ";
    text +=
        std::to_string(step.every.count()) + "ms for " + std::to_string(step.keep.count()) + "ms";
  }
  return text.empty() ? "none" : text;
}

}  // namespace

std::vector<std::string> check_options(const JobOptions& options) {
  Faults faults;
  faults.between(options.workers, 0, kMaxWorkers, "workers");
  faults.between(options.shards, 1, kMaxShards, "shards");
  faults.require(is_name(options.instance), "instance", "'" + options.instance + "'",
                 "it must be 1 to 200 letters, digits, '-', '_' or '.', not starting with '.'");
  faults.positive(options.checkpoints.interval, "checkpoints.interval");
  faults.positive(options.checkpoints.timeout, "checkpoints.timeout");
  faults.between(options.checkpoints.retained_count, 1, 10'000, "checkpoints.retained_count");
  faults.between(options.checkpoints.max_delta_files, 1, 100'000, "checkpoints.max_delta_files");
  for (const RetentionStep& step : options.checkpoints.ladder) {
    faults.positive(step.every, "checkpoints.ladder.every");
    faults.positive(step.keep, "checkpoints.ladder.keep");
  }
  const bool has_storage = !options.checkpoints.directory.empty() || options.checkpoints.storage;
  faults.require(options.checkpoints.directory.empty() || !options.checkpoints.storage,
                 "checkpoints.directory", "'" + options.checkpoints.directory + "'",
                 "give either it or checkpoints.storage, not both");
  faults.require(options.guarantee != Guarantee::exactly_once || has_storage, "guarantee",
                 "exactly_once", "it needs checkpoints.directory or checkpoints.storage");
  faults.require(options.restore.savepoint.empty() || has_storage, "restore.savepoint",
                 "'" + options.restore.savepoint + "'",
                 "it needs checkpoints.directory or checkpoints.storage");
  faults.require(options.restore.checkpoint.empty() || has_storage, "restore.checkpoint",
                 "'" + options.restore.checkpoint + "'",
                 "it needs checkpoints.directory or checkpoints.storage");
  faults.require(options.restore.checkpoint.empty() || options.restore.savepoint.empty(),
                 "restore.checkpoint", "'" + options.restore.checkpoint + "'",
                 "give either it or restore.savepoint, not both");
  faults.require(options.restart.delay.count() >= 0, "restart.delay",
                 std::to_string(options.restart.delay.count()) + "ms", "it must not be negative");
  faults.require(options.restart.delay_max >= options.restart.delay, "restart.delay_max",
                 std::to_string(options.restart.delay_max.count()) + "ms",
                 "it must not be less than restart.delay");
  faults.between(options.exchange.ring_elements, 1, 65'536, "exchange.ring_elements");
  faults.between(options.exchange.ring_bytes, 1, std::uint64_t{1} << 40, "exchange.ring_bytes");
  faults.between(options.exchange.batch_records, 1, 1'048'576, "exchange.batch_records");
  faults.positive(options.stop_timeout, "stop_timeout");
  return faults.take();
}

std::string describe_options(const JobOptions& options) {
  const CheckpointOptions& checkpoints = options.checkpoints;
  std::ostringstream out;
  out << "workers = " << options.workers << '\n'
      << "shards = " << options.shards << '\n'
      << "guarantee = " << to_text(options.guarantee) << '\n'
      << "instance = " << options.instance << '\n'
      << "checkpoints.directory = " << checkpoints.directory << '\n'
      << "checkpoints.storage = " << (checkpoints.storage ? "given" : "none") << '\n'
      << "checkpoints.interval = " << checkpoints.interval.count() << "ms\n"
      << "checkpoints.timeout = " << checkpoints.timeout.count() << "ms\n"
      << "checkpoints.retained_count = " << checkpoints.retained_count << '\n'
      << "checkpoints.ladder = " << describe_ladder(checkpoints.ladder) << '\n'
      << "checkpoints.max_delta_bytes = " << checkpoints.max_delta_bytes << '\n'
      << "checkpoints.max_delta_files = " << checkpoints.max_delta_files << '\n'
      << "memory_budget_bytes = " << options.memory_budget_bytes << '\n'
      << "restart.attempt_count_max = " << options.restart.attempt_count_max << '\n'
      << "restart.delay = " << options.restart.delay.count() << "ms\n"
      << "restart.delay_max = " << options.restart.delay_max.count() << "ms\n"
      << "restart.client_attempt_count_max = " << options.restart.client_attempt_count_max << '\n'
      << "exchange.through = " << to_text(options.exchange.through) << '\n'
      << "exchange.ring_elements = " << options.exchange.ring_elements << '\n'
      << "exchange.ring_bytes = " << options.exchange.ring_bytes << '\n'
      << "exchange.batch_records = " << options.exchange.batch_records << '\n'
      << "worker.spin_rounds = " << options.worker.spin_rounds << '\n'
      << "worker.busy_spin = " << (options.worker.busy_spin ? "true" : "false") << '\n'
      << "worker.pin = " << (options.worker.pin ? "true" : "false") << '\n'
      << "restore.savepoint = " << options.restore.savepoint << '\n'
      << "restore.checkpoint = " << options.restore.checkpoint << '\n'
      << "restore.accept_repeated_output = "
      << (options.restore.accept_repeated_output ? "true" : "false") << '\n'
      << "restore.drop_removed_nodes = " << (options.restore.drop_removed_nodes ? "true" : "false")
      << '\n'
      << "restore.adopt_offsets = " << (options.restore.adopt_offsets ? "true" : "false") << '\n'
      << "stop_timeout = " << options.stop_timeout.count() << "ms\n";
  return out.str();
}

}  // namespace weir::inline v0
