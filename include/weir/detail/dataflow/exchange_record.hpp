// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/bytes.hpp"
#include "weir/detail/dataflow/context.hpp"
#include "weir/export.hpp"
#include "weir/time.hpp"

// The bytes of what travels through a repartition topic.

namespace weir::inline v0::detail {

enum class ExchangeKind : std::uint8_t {
  record = 0,  ///< A record under its key.
  time = 1,    ///< How far one task has come in time.
};

/// How far one task of a stage before the topic has come.
struct TaskTime {
  TaskPlace place;
  /// Grows with every start of the task, wherever it runs.
  std::uint64_t epoch = 0;
  EventTime watermark = EventTime::min();
  bool is_idle = false;
  bool has_ended = false;
};

/// Throws CorruptState, as all that decodes: too short, or of a version that is not known here.
WEIR_API ExchangeKind kind_of(std::string_view value);

/// What stands before a record's value. `type`: a fingerprint of the value's codec.
WEIR_API void write_record_head(ByteWriter& out, std::uint32_t type, EventTime time);
/// Leaves the reader at the value. Throws CorruptState when the record is of another type.
WEIR_API EventTime read_record_head(ByteReader& in, std::uint32_t type);

WEIR_API std::string encode_time(const TaskTime& time);
WEIR_API TaskTime decode_time(std::string_view value);

/// "topic/3, offset 17: " before the message of what decoding threw.
[[noreturn]] WEIR_API void rethrow_with_place(const std::string& task, std::uint64_t offset);

}  // namespace weir::inline v0::detail
