// SPDX-License-Identifier: Apache-2.0
#include "crash/kafka_killer.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "crash/kafka_audit.hpp"
#include "crash/watched_client.hpp"

namespace weir::crash {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kRecordsPerSecond = 10'000;
constexpr std::uint64_t kDroppedBelow = 5'000;
/// Long enough for a dead owner's transaction to expire after a dead broker has come back.
constexpr std::int64_t kWaitMs = 60'000;
constexpr std::int64_t kStepWaitMs = 3'000;
constexpr std::int64_t kAwayMs = kSessionTimeoutMs + 1'500;
constexpr int kListenMs = 5;

/// Steps of the checkpoint file, see pausing_files().
constexpr const char* kFileSteps[] = {"stored", "committed", "removing", "removed"};

struct Step {
  std::string name;
  std::uint64_t count;
};

/// None, in a third of the cases.
Step draw_step(Random& random) {
  const std::string side = random.chance(0.5) ? "before " : "after ";
  switch (random.below(6)) {
    case 0:
    case 1:
      return {"", 0};
    case 2:
      return {side + kRecoverySteps[random.below(std::size(kRecoverySteps))], 1};
    case 3:
      return {kFileSteps[random.below(std::size(kFileSteps))], 2 + random.below(6)};
    default:
      return {side + kCommitSteps[random.below(std::size(kCommitSteps))], 1 + random.below(8)};
  }
}

unsigned long long number(std::uint64_t value) { return value; }

}  // namespace

KafkaKiller::KafkaKiller(const KafkaKillerOptions& options, const std::string& directory)
    : options_{options}, directory_{directory}, random_{options.seed} {}

int KafkaKiller::run() {
  set_up();
  while (kills_ < options_.kills) {
    // Spread over the kills of processes.
    const std::uint64_t due =
        (kills_ + 1) * options_.broker_kills / std::max<std::uint64_t>(options_.kills, 1);
    if (broker_kills_ < due) kill_broker();
    if (options_.processes > 1 && random_.chance(0.15)) {
      join_for_a_while();
    } else {
      kill_one();
    }
  }
  const std::uint64_t records = feeder_->stop();
  finish();
  return report(records);
}

void KafkaKiller::set_up() {
  const int partitions = options_.processes == 1 ? 4 : static_cast<int>(2 * options_.processes);
  kafka_test::create_topic(broker_.client(), kInput, {.partitions = partitions});
  kafka_test::create_topic(broker_.client(), kOutput, {.partitions = 4});
  if (options_.drops_one) dropped_ = static_cast<std::int64_t>(random_.below(kDroppedBelow));
  feeder_ = std::make_unique<Feeder>(broker_.client(), kInput, kRecordsPerSecond);
  KafkaJobOptions job{.brokers = broker_.bootstrap(),
                      .directory = directory_,
                      .is_shared = options_.processes > 1,
                      .dropped = dropped_};
  for (std::uint64_t i = 0; i < options_.processes; ++i) {
    job.instance = std::to_string(i);
    members_.push_back(std::make_unique<Member>(job));
    start(*members_.back());
  }
}

void KafkaKiller::start(Member& member) {
  const Step step = draw_step(random_);
  const std::uint64_t error_seed = random_.chance(0.3) ? random_.next() | 1 : 0;
  member.start(step.name, step.count, error_seed);
}

/// At the step where the member has stopped, or some time after it has committed something.
void KafkaKiller::kill_one() {
  Member* victim = members_[random_.below(members_.size())].get();
  listen_until([&] { return find_paused() || victim->has_committed(); }, "a commit");
  const auto start = Clock::now();
  const std::int64_t span =
      victim->step().empty() ? static_cast<std::int64_t>(random_.below(300)) : kStepWaitMs;
  listen_until(
      [&] { return find_paused() || Clock::now() - start > std::chrono::milliseconds{span}; },
      "a moment");
  if (Member* const paused = find_paused()) victim = paused;
  kill(*victim, victim->is_paused() ? victim->step() : "at random");
  if (options_.processes > 1 && random_.chance(0.25)) stay_away(*victim);
  this->start(*victim);
}

void KafkaKiller::kill(Member& member, const std::string& how) {
  member.kill();
  ++kills_;
  ++kills_at_[how];
}

/// So long that others get its partitions.
void KafkaKiller::stay_away(Member&) {
  ++kills_at_["and stayed away"];
  listen_for(kAwayMs);
}

/// A new member gets partitions of the others, and dies.
void KafkaKiller::join_for_a_while() {
  KafkaJobOptions job{.brokers = broker_.bootstrap(),
                      .directory = directory_,
                      .is_shared = true,
                      .dropped = dropped_};
  job.instance = "joined" + std::to_string(++joined_);
  members_.push_back(std::make_unique<Member>(job));
  Member& member = *members_.back();
  member.start("", 0, 0);
  listen_until([&] { return find_paused() || member.has_committed(); },
               "a commit of one that joined");
  // A member that stopped at a step keeps the others from sharing anew.
  while (!member.has_committed()) {
    Member& paused = *find_paused();
    kill(paused, paused.step());
    start(paused);
    listen_until([&] { return find_paused() || member.has_committed(); },
                 "a commit of one that joined");
  }
  kill(member, "after joining");
  members_.pop_back();
}

void KafkaKiller::kill_broker() {
  listen_for(static_cast<std::int64_t>(random_.below(500)));
  broker_.kill();
  ++broker_kills_;
  listen_for(static_cast<std::int64_t>(random_.below(2'000)));
  Member& victim = *members_[random_.below(members_.size())];
  if (kills_ + 1 < options_.kills && random_.chance(0.5)) {
    kill(victim, "while the broker was dead");
    start(victim);
  }
  broker_.start();
}

Member* KafkaKiller::find_paused() {
  for (const auto& member : members_) {
    if (member->is_alive() && member->is_paused()) return member.get();
  }
  return nullptr;
}

/// All start once more, undisturbed, and end when nothing is left.
void KafkaKiller::finish() {
  for (const auto& member : members_) {
    if (member->is_alive()) member->kill();
    member->start("", 0, 0);
  }
  auto asked = Clock::now();
  listen_until(
      [&] {
        if (Clock::now() - asked < std::chrono::milliseconds{200}) return false;
        asked = Clock::now();
        return has_caught_up();
      },
      "the end of the input");
  for (const auto& member : members_) member->stop();
  listen_until(
      [&] {
        return std::all_of(members_.begin(), members_.end(),
                           [](const auto& member) { return member->has_ended(); });
      },
      "the end of all members");
}

bool KafkaKiller::has_caught_up() const {
  const std::vector<kafka_test::Offsets> ends = kafka_test::offsets_of(broker_.client(), kInput);
  for (int partition = 0; partition < static_cast<int>(ends.size()); ++partition) {
    const auto committed = kafka_test::committed_by(broker_.client(), kKafkaJob, kInput, partition);
    if (!committed || committed->first < ends[static_cast<std::size_t>(partition)].end) {
      return false;
    }
  }
  return true;
}

void KafkaKiller::listen_until(const std::function<bool()>& is_done, const std::string& what) {
  const auto start = Clock::now();
  while (!is_done()) {
    for (const auto& member : members_) {
      if (member->is_alive()) member->pump(kListenMs);
    }
    if (Clock::now() - start > std::chrono::milliseconds{kWaitMs}) {
      throw std::runtime_error{"waited for " + what + " in vain:" + statuses()};
    }
  }
}

void KafkaKiller::listen_for(std::int64_t span_ms) {
  const auto start = Clock::now();
  listen_until([&] { return Clock::now() - start > std::chrono::milliseconds{span_ms}; }, "time");
}

std::string KafkaKiller::statuses() const {
  std::string text;
  for (const auto& member : members_) {
    text += "\n  member " + member->name() + (member->is_alive() ? "" : " (dead)") +
            (member->is_paused() ? " paused " + member->step() : "") + ": " + member->status();
  }
  return text;
}

int KafkaKiller::report(std::uint64_t records) const {
  const Audit audit = audit_topics(broker_.client(), records);
  for (const auto& [where, count] : kills_at_) {
    std::printf("killed %llu times %s\n", number(count), where.c_str());
  }
  std::printf("broker killed %llu times\n", number(broker_kills_));
  bool is_silent = false;
  for (const auto& member : members_) {
    if (member->longest_silence_ms() == 0) continue;
    is_silent |= member->longest_silence_ms() > kTransactionTimeoutMs;
    std::printf("member %s stood still for %lld ms with nothing but the status '%s'\n",
                member->name().c_str(), static_cast<long long>(member->longest_silence_ms()),
                member->silent_status().c_str());
  }
  if (audit.misnumbered != 0 || audit.foreign != 0) {
    std::printf("%llu keys with wrong numbers, %llu foreign records\n", number(audit.misnumbered),
                number(audit.foreign));
  }
  std::printf("%llu kills, %llu records, %llu lost, %llu doubled\n", number(kills_),
              number(records), number(audit.lost), number(audit.doubled));
  const bool is_right =
      audit.lost == 0 && audit.doubled == 0 && audit.misnumbered == 0 && audit.foreign == 0;
  return is_right && !is_silent ? 0 : 1;
}

}  // namespace weir::crash
