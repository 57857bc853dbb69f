// SPDX-License-Identifier: Apache-2.0

// Goal: whatever is cut off, wherever, the published files have each record exactly once.
// Method: a small job is played by hand over a disk that forgets what was not synced: tasks write
// numbered records, barriers come in any order, checkpoints are files on the same disk. It crashes
// at every numbered effect in turn, starts again from the last checkpoint, and crashes some more.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/file_names.hpp"
#include "tests/unit/io/sink_run.hpp"
#include "weir/bytes.hpp"
#include "weir/error.hpp"
#include "weir/io/write_files.hpp"
#include "weir/random.hpp"
#include "weir/testing/effects.hpp"
#include "weir/testing/seeds.hpp"
#include "weir/testing/sim_disk.hpp"
#include "weir/testing/virtual_clock.hpp"

namespace weir::io_test {
namespace {

using testing::Effects;
using testing::SimDisk;
using testing::SimulatedCrash;

constexpr std::uint64_t kCrashesMax = 100;

struct Plan {
  std::uint64_t seed = 1;
  std::size_t tasks = 1;
  std::size_t records = 0;  ///< Of each task.
  std::size_t buckets = 1;
  io::WriteOptions options;
  double further_crashes = 0;  ///< Probability per effect, after the first one.

  static Plan draw(std::uint64_t seed) {
    Random random{seed};
    Plan plan;
    plan.seed = seed;
    plan.tasks = 1 + random.below(3);
    plan.records = 5 + random.below(20);
    plan.buckets = 1 + random.below(3);
    plan.options.roll_bytes = 1 + random.below(120);
    plan.options.roll_age = Duration{static_cast<std::int64_t>(random.below(4) * 100)};
    plan.options.buffer_bytes = 1 + random.below(60);
    plan.options.open_files_max = 1 + random.below(2);
    plan.options.buckets_max = 1 + random.below(3);
    plan.further_crashes = random.chance(0.5) ? 0.05 : 0;
    return plan;
  }
};

/// What the job's checkpoint holds.
struct Checkpoint {
  CheckpointName name;
  std::vector<std::size_t> positions;
  std::string part;

  std::string encode() const {
    ByteWriter out;
    out.sized(name.timeline);
    out.varint(name.id.value);
    out.varint(positions.size());
    for (const std::size_t position : positions) out.varint(position);
    out.sized(part);
    return out.take();
  }
  static Checkpoint decode(const std::string& bytes) {
    ByteReader in{bytes};
    Checkpoint checkpoint;
    checkpoint.name.timeline = in.sized();
    checkpoint.name.id.value = in.varint();
    checkpoint.positions.resize(in.varint());
    for (std::size_t& position : checkpoint.positions) position = in.varint();
    checkpoint.part = in.sized();
    return checkpoint;
  }
};

/// A job that can die at any time.
class CrashingJob {
 public:
  CrashingJob(const Plan& plan, std::optional<std::uint64_t> crash_at)
      : plan_{plan},
        random_{plan.seed * 1'000 + 7},
        effects_{{.seed = plan.seed, .crash_at = crash_at}},
        disk_{effects_, {.seed = plan.seed, .capacity_bytes = {}}} {}

  void run() {
    for (std::uint64_t crashes = 0; crashes <= kCrashesMax; ++crashes) {
      try {
        attempt();
        return;
      } catch (const SimulatedCrash&) {
        run_.reset();
        disk_.restart();
        effects_.restart();
        if (random_.chance(plan_.further_crashes * 10)) {
          effects_.crash_at(effects_.count() + 1 + random_.below(60));
        }
        ++timelines_;
      }
    }
    FAIL() << "no end after " << kCrashesMax << " crashes";
  }

  std::uint64_t effect_count() const { return effects_.count(); }

  /// Hidden files: there are none when the job is done.
  std::vector<std::string> left_over() const {
    std::vector<std::string> found;
    for (const std::string& path : disk_.all_files()) {
      if (detail::is_hidden_name(path.substr(path.rfind('/') + 1))) found.push_back(path);
    }
    return found;
  }

  /// Every line of every published file, sorted, after the power has failed once more.
  std::vector<std::string> published() {
    disk_.crash();
    std::vector<std::string> lines;
    for (const std::string& path : disk_.all_files()) {
      const std::string name = path.substr(path.rfind('/') + 1);
      if (detail::is_hidden_name(name)) continue;
      if (!detail::parse_file_name(name, plan_.options.prefix)) continue;
      std::string rest = disk_.content(path);
      for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
        lines.push_back(rest.substr(0, end));
        rest.erase(0, end + 1);
      }
      EXPECT_EQ(rest, "") << path << " is torn";
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  std::vector<std::string> expected() const {
    std::vector<std::string> lines;
    for (std::size_t task = 0; task < plan_.tasks; ++task) {
      for (std::size_t i = 0; i < plan_.records; ++i) lines.push_back(record(task, i));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }

 private:
  static std::string record(std::size_t task, std::size_t index) {
    return std::to_string(task) + ":" + std::to_string(index);
  }

  void attempt() {
    const std::optional<Checkpoint> last = recover();
    const std::size_t buckets = plan_.buckets;
    const auto sink =
        io::write_files("out", text(), plan_.options, [buckets](const std::string& record) {
          const std::size_t number = std::stoul(record.substr(record.find(':') + 1));
          return number % buckets == 0 ? std::string{}
                                       : "b" + std::to_string(number % buckets) + "/c";
        });
    run_ = std::make_unique<SinkRun<std::string>>(
        sink, SinkRun<std::string>::World{&disk_, &clock_}, plan_.tasks);
    if (last) {
      run_->participant().restore(last->name, last->part);
      positions_ = last->positions;
    } else {
      run_->participant().restore(std::nullopt, "");
      positions_.assign(plan_.tasks, 0);
    }
    passed_.assign(plan_.tasks, 0);
    next_ = 1;
    while (!is_done()) step();
    finish();
  }

  bool is_done() const {
    return std::all_of(positions_.begin(), positions_.end(),
                       [&](std::size_t position) { return position == plan_.records; });
  }

  void step() {
    clock_.advance(Duration{static_cast<std::int64_t>(random_.below(50))});
    const std::size_t task = random_.below(plan_.tasks);
    switch (random_.below(6)) {
      case 0:
        return pass(task);
      case 1:
        return run_->work(1 + random_.below(3));
      case 2:
        return complete();
      default:
        return write(task);
    }
  }

  void write(std::size_t task) {
    if (!run_->task(task).ready()) return run_->work(1);
    std::size_t& position = positions_[task];
    if (position == plan_.records) return;
    run_->write(task, {record(task, position)});
    ++position;
  }

  /// The barrier comes to one task, before the others or after them.
  void pass(std::size_t task) {
    if (passed_[task] == next_) return;
    run_->task(task).barrier({next_});
    passed_[task] = next_;
    cut_.resize(plan_.tasks);
    cut_[task] = positions_[task];
  }

  /// All tasks have passed the barrier sooner or later: the checkpoint is stored and committed.
  void complete() {
    for (std::size_t task = 0; task < plan_.tasks; ++task) pass(task);
    Checkpoint checkpoint{{std::to_string(timelines_), {next_}}, cut_, {}};
    checkpoint.part = run_->stage(next_);
    store(checkpoint);
    run_->publish(next_);
    ++next_;
  }

  /// The last checkpoint begins when everything has ended.
  void finish() {
    complete();
    run_->end();
    complete();
    run_->work();
  }

  void store(const Checkpoint& checkpoint) {
    disk_.create_directories("checkpoints");
    const std::string name = std::to_string(1'000'000 + ++stored_);
    const auto file = disk_.create("checkpoints/tmp-" + name);
    file->write(checkpoint.encode());
    file->sync();
    file->close();
    disk_.rename("checkpoints/tmp-" + name, "checkpoints/" + name);
    disk_.sync_directory("checkpoints");
    disk_.sync_directory(".");
  }

  std::optional<Checkpoint> recover() {
    if (!disk_.exists("checkpoints")) return std::nullopt;
    std::string last;
    for (const std::string& name : disk_.list("checkpoints")) {
      if (name.substr(0, 3) != "tmp") last = name;
    }
    if (last.empty()) return std::nullopt;
    // What this process saw as committed must not go away again.
    disk_.sync_directory("checkpoints");
    disk_.sync_directory(".");
    const auto file = disk_.open_read("checkpoints/" + last);
    return Checkpoint::decode(file->read_at(0, file->size()));
  }

  const Plan plan_;
  Random random_;
  Effects effects_;
  SimDisk disk_;
  testing::VirtualClock clock_;
  std::uint64_t timelines_ = 0;
  std::uint64_t stored_ = 0;

  // Of one attempt.
  std::unique_ptr<SinkRun<std::string>> run_;
  std::vector<std::size_t> positions_;
  std::vector<std::size_t> cut_;
  std::vector<std::uint64_t> passed_;
  std::uint64_t next_ = 1;
};

TEST(FileSinkCrash, ACrashAtAnyEffectLeavesEachRecordExactlyOnce) {
  testing::for_each_seed(6, [](std::uint64_t seed) {
    SCOPED_TRACE(testing::replay(seed));
    const Plan plan = Plan::draw(seed);
    CrashingJob calm{plan, std::nullopt};
    calm.run();
    const std::uint64_t effects = calm.effect_count();
    ASSERT_EQ(calm.published(), calm.expected());

    for (std::uint64_t effect = 1; effect <= effects; ++effect) {
      CrashingJob job{plan, effect};
      job.run();
      ASSERT_THAT(job.left_over(), ::testing::IsEmpty()) << "crash at effect " << effect;
      ASSERT_EQ(job.published(), job.expected()) << "crash at effect " << effect;
    }
  });
}

TEST(FileSinkCrash, CrashesUponCrashesLeaveEachRecordExactlyOnce) {
  testing::for_each_seed(200, [](std::uint64_t seed) {
    SCOPED_TRACE(testing::replay(seed));
    Plan plan = Plan::draw(seed + 1'000'000);
    plan.further_crashes = 0.08;
    CrashingJob job{plan, 1 + seed % 200};
    job.run();
    ASSERT_EQ(job.published(), job.expected());
  });
}

}  // namespace
}  // namespace weir::io_test
