// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/dataflow/exchange_record.hpp"

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint32_t kTasksMax = 1U << 20;  // Of one stage; more is no number that weir wrote.
constexpr std::uint8_t kIdleFlag = 1;
constexpr std::uint8_t kEndFlag = 2;

ExchangeKind read_kind(ByteReader& in) {
  const std::uint8_t version = in.u8();
  if (version != kVersion) {
    throw CorruptState{"version " + std::to_string(version) + " is not known; " +
                       std::to_string(kVersion) + " is"};
  }
  const std::uint8_t kind = in.u8();
  if (kind > static_cast<std::uint8_t>(ExchangeKind::time)) {
    throw CorruptState{"kind " + std::to_string(kind) + " is not known"};
  }
  return static_cast<ExchangeKind>(kind);
}

void write_kind(ByteWriter& out, ExchangeKind kind) {
  out.u8(kVersion);
  out.u8(static_cast<std::uint8_t>(kind));
}

std::uint32_t read_u32(ByteReader& in) {
  const std::uint64_t number = in.varint();
  if (number > UINT32_MAX) throw CorruptState{std::to_string(number) + " is no number of a task"};
  return static_cast<std::uint32_t>(number);
}

}  // namespace

ExchangeKind kind_of(std::string_view value) {
  ByteReader in{value};
  return read_kind(in);
}

void write_record_head(ByteWriter& out, std::uint32_t type, EventTime time) {
  write_kind(out, ExchangeKind::record);
  out.u32(type);
  out.zigzag(time.ms());
}

EventTime read_record_head(ByteReader& in, std::uint32_t type) {
  if (read_kind(in) != ExchangeKind::record) throw CorruptState{"it is no record"};
  if (in.u32() != type) {
    throw CorruptState{
        "it was written with another version of its type; let the job read its repartition "
        "topics to their end before the type changes"};
  }
  return EventTime{in.zigzag()};
}

std::string encode_time(const TaskTime& time) {
  ByteWriter out;
  write_kind(out, ExchangeKind::time);
  out.sized(time.place.stage);
  out.varint(time.place.number);
  out.varint(time.place.count);
  out.varint(time.epoch);
  out.zigzag(time.watermark.ms());
  out.u8(
      static_cast<std::uint8_t>((time.is_idle ? kIdleFlag : 0) | (time.has_ended ? kEndFlag : 0)));
  return out.take();
}

TaskTime decode_time(std::string_view value) {
  ByteReader in{value};
  if (read_kind(in) != ExchangeKind::time) throw CorruptState{"it says nothing about time"};
  TaskTime time;
  time.place.stage = std::string{in.sized()};
  time.place.number = read_u32(in);
  time.place.count = read_u32(in);
  if (time.place.number >= time.place.count || time.place.count > kTasksMax) {
    throw CorruptState{"task " + std::to_string(time.place.number) + " of " +
                       std::to_string(time.place.count)};
  }
  time.epoch = in.varint();
  time.watermark = EventTime{in.zigzag()};
  const std::uint8_t flags = in.u8();
  if (flags > (kIdleFlag | kEndFlag) || !in.empty()) throw CorruptState{"bytes are left over"};
  time.is_idle = (flags & kIdleFlag) != 0;
  time.has_ended = (flags & kEndFlag) != 0;
  return time;
}

void rethrow_with_place(const std::string& task, std::uint64_t offset) {
  try {
    throw;
  } catch (const CorruptState& error) {
    throw CorruptState{"repartition record at " + task + ", offset " + std::to_string(offset) +
                       ": " + error.what()};
  }
}

}  // namespace weir::inline v0::detail
