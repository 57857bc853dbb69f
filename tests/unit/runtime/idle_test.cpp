// SPDX-License-Identifier: Apache-2.0
// Goal: a split that goes on says so to those downstream, also when they are busy just then.
// Method: a source whose polls the test writes down, one after the other.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/runtime/tally.hpp"
#include "weir/testing/driver.hpp"
#include "weir/testing/probe.hpp"

namespace weir::inline v0::testing {
namespace {

/// What one poll finds.
struct Found {
  Poll poll = Poll::pending;
  std::optional<std::string> value = {};
  std::int64_t time = 0;  ///< Of the value; without one: the watermark.
};
using Script = std::vector<Found>;

class ScriptedReader final : public SplitReader<std::string> {
 public:
  explicit ScriptedReader(const Script& script) : script_{script} {}

  Poll poll(RecordBatch<std::string>& out, std::size_t) override {
    if (next_ == script_.size()) return Poll::pending;
    const Found& found = script_[next_++];
    if (found.value) {
      out.push(*found.value, EventTime{found.time});
    } else if (found.poll == Poll::records) {
      out.watermark(EventTime{found.time});
    }
    return found.poll;
  }
  Position position() const override { return {std::to_string(next_)}; }
  std::uint64_t record_number() const override { return next_; }

 private:
  const Script& script_;
  std::size_t next_ = 0;
};

class ScriptedSource final : public Source<std::string> {
 public:
  explicit ScriptedSource(std::shared_ptr<std::vector<Script>> scripts)
      : scripts_{std::move(scripts)} {}

  bool is_bounded() const override { return false; }
  bool has_event_time() const override { return true; }
  bool has_watermarks() const override { return true; }
  std::vector<SplitId> splits(const SourceContext&) override { return {{"0"}, {"1"}}; }
  std::unique_ptr<SplitReader<std::string>> open(const SplitId& split,
                                                 const std::optional<Position>&,
                                                 const SourceContext&) override {
    return std::make_unique<ScriptedReader>((*scripts_)[split.value == "0" ? 0 : 1]);
  }

 private:
  const std::shared_ptr<std::vector<Script>> scripts_;  // The test's own.
};

TEST(Idle, SplitThatGoesOnWhileASinkIsBusyHoldsTimeBackAgain) {
  const auto scripts = std::make_shared<std::vector<Script>>(2);
  Topology topology{"idle"};
  Probe<std::string> out;
  Probe<std::string> beside{"beside"};
  const auto words = topology.source("words", std::make_shared<ScriptedSource>(scripts));
  tally(words, "count", whole).to("out", out.sink());
  words.to("beside", beside.sink());
  Driver driver{topology};
  const auto play = [&](std::size_t split, Found found) {
    (*scripts)[split].push_back(std::move(found));
    driver.settle();
  };
  play(0, {Poll::records, std::nullopt, 10});
  play(1, {Poll::records, std::nullopt, 5});
  play(1, {Poll::nothing});
  EXPECT_EQ(driver.watermark(), EventTime{10});
  beside.set_full(true);
  play(1, {Poll::records, "a", 11});
  beside.set_full(false);
  play(1, {Poll::records, std::nullopt, 13});
  play(0, {Poll::records, std::nullopt, 20});
  EXPECT_EQ(driver.watermark(), EventTime{13});
}

}  // namespace
}  // namespace weir::inline v0::testing
