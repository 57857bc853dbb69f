// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <tuple>

#include "tests/simulation/clicks.hpp"
#include "tests/simulation/simulation.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/testing/log_sink.hpp"

namespace simulation {
namespace {

using weir::Duration;
using weir::EventTime;
using weir::Topology;
using weir::testing::LogClient;
using weir::testing::LogRecord;
using weir::testing::World;

constexpr std::uint32_t kPartitions = 2;
constexpr Duration kGap{100};
/// The watermark follows closely, so that many clicks come late, and none too late.
constexpr Duration kDeclaredDisorder{5};

/// The numbers of a session's clicks, whatever the order they came in.
struct Numbers {
  std::set<std::int64_t> numbers;
  void add(const Click& click) { numbers.insert(click.number); }
  void merge(const Numbers& other) { numbers.insert(other.numbers.begin(), other.numbers.end()); }
};

using Session = weir::Windowed<std::string, Numbers>;

std::string text_of(EventTime start, EventTime end, const std::set<std::int64_t>& numbers) {
  std::string text = std::to_string(start.ms()) + "-" + std::to_string(end.ms());
  for (const std::int64_t number : numbers) text += "," + std::to_string(number);
  return text;
}

/// Sessions with lateness: results may be corrected, the last word must be right.
class LateSessions final : public Simulation {
 public:
  explicit LateSessions(const Setting& setting)
      : setting_{setting}, clicks_{random_clicks(setting.seed, 120)} {}

  std::string name() const override { return "late sessions"; }

  void prepare(World& world) const override {
    append_clicks(world.log(), "clicks", kPartitions, clicks_);
    world.log().create_topic("sessions", 2);
  }

  void build(Topology& topology, World& world) const override {
    const auto client = std::make_shared<LogClient>(world.log());
    topology.source("clicks", weir::testing::log_source<Click>(client, "clicks", decode_click))
        .event_time(&Click::at, {.max_disorder = kDeclaredDisorder})
        .filter(all_but(setting_.drops_one, 17))
        .key_by(&Click::user)
        .window(weir::sessions({.gap = kGap}))
        .allow_lateness(kDisorder)
        .aggregate<Numbers>()
        .to("sessions",
            weir::testing::log_sink<Session>(client, "sessions", [](const Session& session) {
              return LogRecord{.key = session.key,
                               .value = text_of(session.start, session.end, session.value.numbers)};
            }));
  }

  /// Every session of the batch is the last word about it, and was said once; whatever else was
  /// said was a part of one.
  std::string faults(World& world) const override {
    std::string text;
    const auto actual = values_by_key(world.log(), "sessions");
    for (const auto& [user, sessions] : sessions_by_sorting()) {
      const auto found = actual.find(user);
      if (found == actual.end()) return user + " has no sessions";
      for (const std::string& session : sessions) {
        const auto count = std::count(found->second.begin(), found->second.end(), session);
        if (count == 1) continue;
        text += user + "'s session " + session + " was said " + std::to_string(count) + " times; ";
      }
      std::set<std::string> said{found->second.begin(), found->second.end()};
      if (said.size() != found->second.size()) text += user + " has a result twice; ";
    }
    return text;
  }

 private:
  std::map<std::string, std::vector<std::string>> sessions_by_sorting() const {
    std::map<std::string, std::vector<Click>> clicks_of;
    for (const Click& click : clicks_) clicks_of[click.user].push_back(click);
    std::map<std::string, std::vector<std::string>> sessions;
    for (auto& [user, clicks] : clicks_of) {
      std::sort(clicks.begin(), clicks.end(),
                [](const Click& a, const Click& b) { return a.at < b.at; });
      for (std::size_t begin = 0; begin < clicks.size();) {
        std::size_t end = begin;
        std::set<std::int64_t> numbers;
        while (end < clicks.size() &&
               (end == begin || clicks[end].at <= clicks[end - 1].at + kGap)) {
          numbers.insert(clicks[end++].number);
        }
        sessions[user].push_back(text_of(clicks[begin].at, clicks[end - 1].at + kGap, numbers));
        begin = end;
      }
    }
    return sessions;
  }

  const Setting setting_;
  const std::vector<Click> clicks_;
};

}  // namespace

std::unique_ptr<Simulation> late_sessions(const Setting& setting) {
  return std::make_unique<LateSessions>(setting);
}

}  // namespace simulation
