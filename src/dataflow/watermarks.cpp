// SPDX-License-Identifier: Apache-2.0
#include "weir/watermarks.hpp"

#include <algorithm>
#include <string>

#include "weir/detail/assert.hpp"
#include "weir/error.hpp"

namespace weir::inline v0 {

bool IdlenessTimer::check(EventTime now) noexcept {
  if (!start_) start_ = now;
  return now - *start_ > timeout_;
}

std::optional<EventTime> IdlenessTimer::due() const noexcept {
  if (!start_) return std::nullopt;
  return *start_ + timeout_ + Duration{1};
}

std::size_t WatermarkValve::add_input() {
  inputs_.emplace_back();
  return inputs_.size() - 1;
}

void WatermarkValve::reset(std::size_t input) {
  WEIR_ASSERT(input < inputs_.size(), "input", input);
  inputs_[input] = {};
}

TimeUpdate WatermarkValve::on_watermark(std::size_t input, EventTime watermark) {
  WEIR_ASSERT(input < inputs_.size(), "input", input);
  Input& changed = inputs_[input];
  const bool is_end = watermark == EventTime::max();
  if ((changed.is_idle && !is_end) || watermark <= changed.watermark) return {};
  changed.watermark = watermark;
  if (watermark >= watermark_) changed.is_caught_up = true;
  return settle();
}

TimeUpdate WatermarkValve::on_idle(std::size_t input, bool is_idle) {
  WEIR_ASSERT(input < inputs_.size(), "input", input);
  Input& changed = inputs_[input];
  if (changed.is_idle == is_idle) return {};
  changed.is_idle = is_idle;
  changed.is_caught_up = !is_idle && changed.watermark >= watermark_;
  return settle();
}

/// Brings the output up to date with the inputs.
TimeUpdate WatermarkValve::settle() {
  const auto has_ended = [](const Input& input) { return input.has_ended(); };
  const auto holds_nobody = [](const Input& input) { return input.has_ended() || input.is_idle; };
  const bool is_end = std::all_of(inputs_.begin(), inputs_.end(), has_ended);
  const bool was_idle = is_idle_;
  is_idle_ = !is_end && std::all_of(inputs_.begin(), inputs_.end(), holds_nobody);

  TimeUpdate update;
  if (is_idle_ != was_idle) update.is_idle = is_idle_;
  if (is_end) {
    update.watermark = advance(EventTime::max());
  } else if (is_idle_) {
    EventTime largest = EventTime::min();
    for (const Input& input : inputs_) {
      if (!input.has_ended()) largest = std::max(largest, input.watermark);
    }
    update.watermark = advance(largest);
  } else if (const std::optional<EventTime> lowest = smallest()) {
    update.watermark = advance(*lowest);
  }
  return update;
}

/// Over the inputs that count.
std::optional<EventTime> WatermarkValve::smallest() const {
  std::optional<EventTime> lowest;
  for (const Input& input : inputs_) {
    if (input.is_idle || !input.is_caught_up || input.has_ended()) continue;
    if (!lowest || input.watermark < *lowest) lowest = input.watermark;
  }
  return lowest;
}

std::optional<EventTime> WatermarkValve::advance(EventTime watermark) {
  if (watermark <= watermark_) return std::nullopt;
  watermark_ = watermark;
  return watermark;
}

void WatermarkValve::save(ByteWriter& out) const {
  out.varint(inputs_.size());
  for (const Input& input : inputs_) {
    out.zigzag(input.watermark.ms());
    out.u8(static_cast<std::uint8_t>((input.is_idle ? 1 : 0) | (input.is_caught_up ? 2 : 0)));
  }
  out.zigzag(watermark_.ms());
  out.u8(is_idle_ ? 1 : 0);
}

void WatermarkValve::load(ByteReader& in) {
  inputs_.clear();
  for (std::uint64_t count = in.varint(); count > 0; --count) {
    Input input;
    input.watermark = EventTime{in.zigzag()};
    const std::uint8_t flags = in.u8();
    input.is_idle = (flags & 1) != 0;
    input.is_caught_up = (flags & 2) != 0;
    inputs_.push_back(input);
  }
  watermark_ = EventTime{in.zigzag()};
  is_idle_ = in.u8() != 0;
}

void WatermarkValve::adopt(std::size_t input, const WatermarkValve& from, std::size_t from_input) {
  if (from_input >= from.inputs_.size()) {
    throw CorruptState{"a watermark valve has no input " + std::to_string(from_input)};
  }
  inputs_[input] = from.inputs_[from_input];
}

void WatermarkValve::adopt_output(const WatermarkValve& from) noexcept {
  watermark_ = from.watermark_;
  is_idle_ = from.is_idle_;
  for (Input& input : inputs_) input.is_caught_up = !input.is_idle && input.watermark >= watermark_;
}

WatermarkMultiplexer::Output& WatermarkMultiplexer::at(OutputId output) {
  const auto found = outputs_.find(output);
  WEIR_ASSERT(found != outputs_.end(), "output", output);
  return found->second;
}

TimeUpdate WatermarkMultiplexer::add(OutputId output) {
  if (!outputs_.emplace(output, Output{}).second) {
    throw ConfigError{"output " + std::to_string(output) + " is registered twice"};
  }
  return settle();
}

TimeUpdate WatermarkMultiplexer::remove(OutputId output) {
  outputs_.erase(output);
  return settle();
}

TimeUpdate WatermarkMultiplexer::on_watermark(OutputId output, EventTime watermark) {
  Output& changed = at(output);
  changed.is_idle = false;
  changed.watermark = std::max(changed.watermark, watermark);
  return settle();
}

TimeUpdate WatermarkMultiplexer::on_idle(OutputId output) {
  at(output).is_idle = true;
  return settle();
}

TimeUpdate WatermarkMultiplexer::settle() {
  const bool was_idle = is_idle_;
  is_idle_ = !outputs_.empty();
  std::optional<EventTime> lowest;
  for (const auto& [id, output] : outputs_) {
    if (output.is_idle) continue;
    is_idle_ = false;
    if (!lowest || output.watermark < *lowest) lowest = output.watermark;
  }
  TimeUpdate update;
  if (is_idle_ != was_idle) update.is_idle = is_idle_;
  if (lowest && *lowest > watermark_) update.watermark = watermark_ = *lowest;
  return update;
}

}  // namespace weir::inline v0
