// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "weir/bytes.hpp"
#include "weir/checkpoint_storage.hpp"
#include "weir/detail/state/state_op.hpp"
#include "weir/detail/state/table_schema.hpp"
#include "weir/export.hpp"

namespace weir::inline v0::detail {

/// What a stored stream holds. Stored as these numbers.
enum class StreamKind : std::uint8_t {
  delta = 1,   ///< What changed: sorted runs of operations.
  sorted = 2,  ///< All entries at a cut, sorted: the base of an in-memory shard, a savepoint.
};

/// What a stored stream starts with.
struct StreamHeader {
  StreamKind kind = StreamKind::delta;
  StateCut cut;
  ShardSchema schema;
};

WEIR_API void encode_stream_header(ByteWriter& out, const StreamHeader& header);
/// Throws: CorruptState, also for a newer format version.
WEIR_API StreamHeader decode_stream_header(std::string_view bytes);

/// Writes a stored stream: a header, blocks of operations, an end. src/state/README.md has the
/// bytes.
class WEIR_API StateStreamWriter final {
 public:
  /// `sink` must outlive the writer.
  StateStreamWriter(const ChunkSink& sink, const StreamHeader& header);

  /// Requires: within a run, keys in order (those of ranges may equal the next one's).
  void add(const StateOp& op);
  /// What follows need not be sorted after what precedes.
  void begin_run();
  /// Without it the stream is torn. Returns how many operations it has.
  std::uint64_t finish();

  /// Bytes given to the sink.
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  void flush_block();
  void write_frame(std::uint8_t type, std::string_view payload);

  const ChunkSink& sink_;
  ByteWriter block_;
  ByteWriter frame_;
  std::string last_key_;
  bool starts_run_ = true;
  std::uint32_t frame_count_ = 0;
  std::uint64_t op_count_ = 0;
  std::uint64_t bytes_ = 0;
};

/// Reads a stored stream. Everything throws CorruptState when bytes are not what was written, or
/// the end is missing.
class WEIR_API StateStreamReader final : public OpCursor {
 public:
  explicit StateStreamReader(std::unique_ptr<ChunkReader> source);

  const StreamHeader& header() const noexcept { return header_; }
  bool next(StateOp& op) override;

 private:
  bool read_block();
  std::uint8_t read_frame();
  void read_exactly(std::string& to, std::size_t size);
  [[noreturn]] void fail(const std::string& what) const;

  std::unique_ptr<ChunkReader> source_;
  StreamHeader header_;
  std::string pending_;  // Read from the source, not used yet.
  std::string payload_;
  ByteReader block_{std::string_view{}};
  std::string key_;
  std::uint32_t frame_count_ = 0;
  std::uint64_t op_count_ = 0;
  bool has_ended_ = false;
};

/// Bytes in memory as a source for a reader.
WEIR_API std::unique_ptr<ChunkReader> chunk_reader(std::string bytes);

/// Reads what a DeltaWriter took.
class WEIR_API RawDeltaReader final : public OpCursor {
 public:
  /// `raw` must outlive the reader.
  explicit RawDeltaReader(std::string_view raw);

  const StreamHeader& header() const noexcept { return header_; }
  bool next(StateOp& op) override;

 private:
  ByteReader in_;
  StreamHeader header_;
};

/// How many bytes of operations are sorted at once when a delta is stored.
inline constexpr std::size_t kRunBytes = std::size_t{4} << 20;

/// Stores what a DeltaWriter took: sorted in runs of about `run_bytes`. Any thread. Returns the
/// bytes written.
WEIR_API std::uint64_t write_delta(std::string_view raw, const ChunkSink& sink,
                                   std::size_t run_bytes = kRunBytes);

}  // namespace weir::inline v0::detail
