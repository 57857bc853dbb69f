// SPDX-License-Identifier: Apache-2.0
#include "kafka/partition_reading.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "weir/detail/assert.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::string_view kUntil = " until ";

std::int64_t number_in(std::string_view text, std::string_view whole) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  throw CorruptState{"'" + std::string{whole} + "' is not a place in a partition"};
}

}  // namespace

Position position_of(const PartitionPlace& place) {
  std::string text = std::to_string(place.next);
  if (place.end) text.append(kUntil).append(std::to_string(*place.end));
  return {std::move(text)};
}

std::int64_t offset_of(const Position& position) {
  const std::string_view text = position.bytes;
  return number_in(text.substr(0, text.find(' ')), text.substr(0, 40));
}

PartitionPlace place_of(const Position& position) {
  const std::string_view text = position.bytes;
  const std::size_t bound = text.find(kUntil);
  if (bound == std::string_view::npos) return {number_in(text, text), std::nullopt};
  return {number_in(text.substr(0, bound), text),
          number_in(text.substr(bound + kUntil.size()), text)};
}

SplitId split_of(const kafka::TopicPartition& partition) {
  return {partition.topic + "/" + std::to_string(partition.partition)};
}

kafka::TopicPartition partition_of(const SplitId& split) {
  const std::size_t slash = split.value.rfind('/');
  if (slash == std::string::npos) {
    throw CorruptState{"split '" + split.value + "' is not a partition of a topic"};
  }
  const std::string_view number = std::string_view{split.value}.substr(slash + 1);
  return {split.value.substr(0, slash), static_cast<std::int32_t>(number_in(number, split.value))};
}

PartitionPoll PartitionReading::poll(std::size_t record_count_max) {
  PartitionPoll found;
  if (has_ended()) {
    found.poll = Poll::ended;
    return found;
  }
  if (before_poll_) before_poll_();
  found.fetched = reader_->fetch(record_count_max);
  const std::int64_t next = std::max(reader_->position(), place_.next);
  if (found.fetched != nullptr) {
    const auto& records = found.fetched->records();
    WEIR_ASSERT(records.empty() || records.front().offset >= place_.next, "an old record",
                records.front().offset, place_.next);
    const auto past = [&](const kafka::RecordView& record) { return record.offset < *place_.end; };
    found.count =
        place_.end
            ? static_cast<std::size_t>(std::partition_point(records.begin(), records.end(), past) -
                                       records.begin())
            : records.size();
  }
  place_.next = place_.end ? std::min(next, *place_.end) : next;
  if (found.count > 0) {
    found.poll = Poll::records;
  } else if (has_ended()) {
    found.poll = Poll::ended;
  } else {
    found.poll = reader_->is_at_end() ? Poll::nothing : Poll::pending;
  }
  return found;
}

std::optional<std::uint64_t> PartitionReading::lag() const {
  const std::optional<std::int64_t> end = reader_ ? reader_->end_offset() : std::nullopt;
  if (!end) return std::nullopt;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(*end - place_.next, 0));
}

}  // namespace weir::inline v0::detail
