// SPDX-License-Identifier: Apache-2.0
// Goal: an exchange through repartition topics gives what the exchange in memory gives, in one
// process and in several that share the job, whatever fails on the way.
// Method: processes over one simulated log and disk step in turn, in an order drawn from a seed;
// the same input goes through one job with the exchange in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "testing/process.hpp"
#include "testing/quiet_logger.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/random.hpp"
#include "weir/testing/log_client.hpp"
#include "weir/testing/log_sink.hpp"
#include "weir/testing/log_source.hpp"
#include "weir/testing/seeds.hpp"
#include "weir/testing/sim_disk.hpp"
#include "weir/testing/swarm.hpp"
#include "weir/testing/virtual_clock.hpp"

namespace weir::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr std::uint32_t kPartitions = 6;
constexpr std::uint32_t kShards = 6;
constexpr Duration kDisorder{40};

struct Click {
  std::string user;
  std::int64_t number = 0;
  EventTime at;
};

Click decode(const LogRecord& record) {
  return {record.key.value_or(""), std::stoll(record.value.value_or("0")), record.time};
}
LogRecord encode(const std::string& text) { return {.key = text, .value = text}; }

using Count = Windowed<std::string, std::int64_t>;

std::string text_of(const std::string& what, const std::string& key, std::int64_t value,
                    const Window& window) {
  return what + " " + key + "=" + std::to_string(value) + " [" + std::to_string(window.start.ms()) +
         "," + std::to_string(window.end.ms()) + ")";
}

/// Counts clicks per user and window; then how many users had the same count, in sessions.
void build(Topology& topology, const std::shared_ptr<LogClient>& client) {
  const auto counts = topology.source("clicks", log_source<Click>(client, "clicks", decode))
                          .event_time({.max_disorder = kDisorder, .idle_after = std::nullopt})
                          .key_by(&Click::user)
                          .window(tumbling(100ms))
                          .count();
  const auto first = counts.map([](const Count& count) {
    return text_of("user", count.key, count.value, {count.start, count.end});
  });
  const auto late = counts.late().map([](const Late<std::string, Click>& click) {
    return "late " + std::to_string(click.record.number);
  });
  const auto second = counts.key_by([](const Count& count) { return count.value; })
                          .window(sessions({.gap = 150ms}))
                          .count()
                          .map([](const Windowed<std::int64_t, std::int64_t>& count) {
                            return text_of("count", std::to_string(count.key), count.value,
                                           {count.start, count.end});
                          });
  first.union_with(late, second).to("out", log_sink<std::string>(client, "out", encode));
}

std::vector<Click> random_clicks(Random& random, std::size_t count) {
  std::vector<Click> clicks;
  std::int64_t latest = 1'000;
  for (std::size_t number = 0; number < count; ++number) {
    latest += random.between(0, random.chance(0.1) ? 300 : 20);
    clicks.push_back({"user-" + std::to_string(random.below(9)), static_cast<std::int64_t>(number),
                      EventTime{latest - random.between(0, kDisorder.count())}});
  }
  return clicks;
}

/// The world around the processes of one job.
class Cluster {
 public:
  Cluster(std::uint64_t seed, const std::vector<Click>& clicks) : random_{seed} {
    log_.create_topic("clicks", kPartitions);
    log_.create_topic("out", 2);
    for (const Click& click : clicks) {
      log_.append({"clicks", static_cast<std::uint32_t>(random_.below(kPartitions))},
                  {.key = click.user, .value = std::to_string(click.number), .time = click.at});
    }
  }

  SimLog& log() { return log_; }
  std::vector<std::string> output() const {
    std::vector<std::string> values;
    for (const LogRecord& record : log_.committed_records("out")) values.push_back(*record.value);
    std::sort(values.begin(), values.end());
    return values;
  }

  /// Runs `count` processes to their end. `kills`: how often a step ends one, as a kill does.
  void run(std::size_t count, const JobOptions& options, double kills) {
    options_ = options;
    for (std::size_t number = 0; number < count; ++number)
      members_.push_back(member(number, count));
    for (std::uint64_t steps = 0; !have_all_ended(); ++steps) {
      if (steps > 3'000'000) throw Error{"the job does not end: " + status()};
      Member& member = members_[random_.below(count)];
      if (random_.chance(0.2)) clock_->advance(1ms);
      if (member.has_ended) continue;
      if (!member.process || random_.chance(kills)) start(member);
      (void)member.process->step();
      if (member.process->error()) {
        last_error_ = member.process->error();
        ++failures_;
        if (failures_ > 2'000) std::rethrow_exception(last_error_);
        member.process.reset();
      } else if (member.process->ending()) {
        EXPECT_EQ(*member.process->ending(), detail::Ending::finished);
        member.has_ended = true;
        member.process.reset();  // What it has said about time counts when it is gone.
      }
    }
  }

 private:
  struct Member {
    std::string instance;
    std::set<std::uint32_t> assigned;
    std::unique_ptr<Topology> topology;
    std::unique_ptr<Process> process;
    bool has_ended = false;
  };

  /// Partitions are dealt out in turn.
  static Member member(std::size_t number, std::size_t count) {
    Member member;
    member.instance = "p" + std::to_string(number);
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
      if (partition % count == number) member.assigned.insert(partition);
    }
    return member;
  }
  void start(Member& member) {
    member.process.reset();
    const auto client = std::make_shared<LogClient>(
        log_, LogClient::Options{.batch_records = 3, .assigned = member.assigned});
    member.topology = std::make_unique<Topology>("shared");
    build(*member.topology, client);
    Process::Options wanted{options_, random_.next(), true, 0};
    wanted.job.instance = member.instance;
    wanted.job.clock = clock_;
    wanted.job.files = disk_;
    member.process = std::make_unique<Process>(*member.topology, std::move(wanted));
    member.process->start();
  }
  bool have_all_ended() const {
    return std::all_of(members_.begin(), members_.end(),
                       [](const Member& member) { return member.has_ended; });
  }
  std::string status() const {
    std::string text;
    for (const Member& member : members_) {
      text += "\n" + member.instance + ": ";
      text += member.process ? member.process->status() : member.has_ended ? "ended" : "failed";
    }
    return text;
  }

  Random random_;
  Effects effects_;
  std::shared_ptr<VirtualClock> clock_ = std::make_shared<VirtualClock>();
  std::shared_ptr<SimDisk> disk_ = std::make_shared<SimDisk>(effects_);
  SimLog log_{effects_, *clock_};
  JobOptions options_;
  std::vector<Member> members_;
  std::size_t failures_ = 0;
  std::exception_ptr last_error_;
};

JobOptions drawn_options(Swarm& swarm) {
  JobOptions options;
  options.workers = swarm.one_of({1U, 2U, 3U});
  options.shards = kShards;
  options.guarantee = Guarantee::exactly_once;
  options.exchange.ring_elements = swarm.one_of<std::size_t>({1, 2, 16});
  options.exchange.batch_records = swarm.one_of({1U, 3U, 50U});
  options.checkpoints.directory = "checkpoints";
  options.checkpoints.interval = Duration{swarm.one_of({2, 5, 20})};
  options.logger = quiet_logger();
  return options;
}

void run_random(std::uint64_t seed, std::size_t processes, bool with_faults) {
  SCOPED_TRACE(replay(seed));
  Swarm swarm{seed};
  const std::vector<Click> clicks = random_clicks(swarm.random(), 120);
  JobOptions options = drawn_options(swarm);
  Cluster alone{seed, clicks};
  alone.run(1, options, 0);
  options.exchange.through = Exchange::topic;
  Cluster shared{seed, clicks};
  if (with_faults) {
    shared.log().set_faults({.append_fails = swarm.probability(0.02),
                             .commit_refused = swarm.probability(0.1),
                             .commit_undecided = swarm.probability(0.3),
                             .commit_unfinished = swarm.probability(0.2),
                             .commit_answer_lost = swarm.probability(0.2)});
  }
  shared.run(processes, options, with_faults ? swarm.probability(0.001) : 0);
  EXPECT_THAT(alone.output(), Not(IsEmpty()));
  EXPECT_EQ(shared.output(), alone.output());
}

TEST(TopicExchange, OneProcessGivesTheAnswerOfTheExchangeInMemory) {
  for_each_seed(5, [](std::uint64_t seed) { run_random(seed, 1, false); });
}

TEST(TopicExchange, ThreeProcessesGiveTheAnswerOfOneAndEnd) {
  for_each_seed(5, [](std::uint64_t seed) { run_random(seed, 3, false); });
}

TEST(TopicExchange, ProcessesThatFailAndDieGiveTheSameAnswer) {
  for_each_seed(10, [](std::uint64_t seed) { run_random(seed, 1 + seed % 3, true); });
}

}  // namespace
}  // namespace weir::testing
