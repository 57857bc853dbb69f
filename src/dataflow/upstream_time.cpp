// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/dataflow/upstream_time.hpp"

#include <algorithm>
#include <utility>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

UpstreamTime::UpstreamTime(const std::vector<std::string>& stages) {
  for (const std::string& name : stages)
    stages_[name].tasks.push_back({valve_.add_input(), 0, false});
}

void UpstreamTime::apply(const TaskTime& news) {
  const auto found = stages_.find(news.place.stage);
  if (found == stages_.end()) return;
  Stage& stage = found->second;
  if (news.epoch > stage.epoch) {
    stage.epoch = news.epoch;
    resize(stage, news.place.count);
  }
  if (news.place.number >= stage.tasks.size()) return;
  Task& task = stage.tasks[news.place.number];
  if (news.epoch < task.epoch) return;
  if (news.epoch > task.epoch) valve_.reset(task.input);
  task.epoch = news.epoch;
  task.has_ended = news.has_ended;
  // An idle input takes no watermark: it is active for as long as that.
  (void)valve_.on_idle(task.input, false);
  (void)valve_.on_watermark(task.input, news.has_ended ? EventTime::max() : news.watermark);
  if (!news.has_ended) (void)valve_.on_idle(task.input, news.is_idle);
}

/// Inputs that are not needed any more stay in the valve, as ended ones do.
void UpstreamTime::resize(Stage& stage, std::uint32_t count) {
  while (stage.tasks.size() > count) {
    (void)valve_.on_watermark(stage.tasks.back().input, EventTime::max());
    stage.tasks.pop_back();
  }
  while (stage.tasks.size() < count) stage.tasks.push_back({valve_.add_input(), 0, false});
}

bool UpstreamTime::has_ended() const noexcept {
  return std::all_of(stages_.begin(), stages_.end(), [](const auto& stage) {
    return std::all_of(stage.second.tasks.begin(), stage.second.tasks.end(),
                       [](const Task& task) { return task.has_ended; });
  });
}

void UpstreamTime::save(ByteWriter& out) const {
  out.u8(kVersion);
  out.varint(stages_.size());
  for (const auto& [name, stage] : stages_) {
    out.sized(name);
    out.varint(stage.epoch);
    out.varint(stage.tasks.size());
    for (const Task& task : stage.tasks) {
      out.varint(task.input);
      out.varint(task.epoch);
      out.u8(task.has_ended ? 1 : 0);
    }
  }
  valve_.save(out);
}

UpstreamTime::Stage UpstreamTime::read_stage(ByteReader& in) {
  Stage stage;
  stage.epoch = in.varint();
  for (std::uint64_t count = in.varint(); count > 0; --count) {
    Task task;
    task.input = static_cast<std::size_t>(in.varint());
    task.epoch = in.varint();
    task.has_ended = in.u8() != 0;
    stage.tasks.push_back(task);
  }
  if (stage.tasks.empty()) throw CorruptState{"a stage without tasks"};
  return stage;
}

void UpstreamTime::load(ByteReader& in) {
  if (in.u8() != kVersion)
    throw CorruptState{"what was known of upstream tasks is of no known version"};
  std::map<std::string, Stage> saved;
  for (std::uint64_t count = in.varint(); count > 0; --count) {
    std::string name{in.sized()};
    saved[std::move(name)] = read_stage(in);
  }
  WatermarkValve old;
  old.load(in);
  valve_ = WatermarkValve{};
  for (auto& [name, stage] : stages_) {
    const auto found = saved.find(name);
    stage = found == saved.end() ? Stage{{Task{}}, 0} : found->second;
  }
  // The output first: then what each input was, whether it counted or not.
  valve_.adopt_output(old);
  for (auto& [name, stage] : stages_) {
    const bool is_new = saved.count(name) == 0;
    for (Task& task : stage.tasks) {
      const std::size_t input = valve_.add_input();
      if (!is_new) valve_.adopt(input, old, task.input);
      task.input = input;
    }
  }
}

}  // namespace weir::inline v0::detail
