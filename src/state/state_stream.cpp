// SPDX-License-Identifier: Apache-2.0
#include "state/state_stream.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/checksum.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr std::size_t kFrameHeadBytes = 5;  // Size of the payload, type.
constexpr std::size_t kFrameTailBytes = 8;  // Checksum.

constexpr std::uint8_t kHeaderFrame = 1;
constexpr std::uint8_t kBlockFrame = 2;  // Goes on with the run.
constexpr std::uint8_t kRunFrame = 3;    // Starts a run.
constexpr std::uint8_t kEndFrame = 4;

/// Covers the frame's place in the stream, too: a frame lost, doubled or moved is found.
std::uint64_t frame_checksum(std::uint32_t number, std::uint8_t type, std::string_view payload) {
  ByteWriter covered;
  covered.u32(number);
  covered.u8(type);
  covered.u64(payload.size());
  covered.u64(checksum(payload));
  return checksum(covered.view());
}

bool has_value(StateOpKind kind) {
  return kind != StateOpKind::erase && kind != StateOpKind::drop_table;
}

bool is_known(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(StateOpKind::put) &&
         kind <= static_cast<std::uint8_t>(StateOpKind::drop_table);
}

std::size_t shared_prefix(std::string_view a, std::string_view b) {
  const std::size_t limit = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(limit), b.begin()).first -
      a.begin());
}

class MemoryChunks final : public ChunkReader {
 public:
  explicit MemoryChunks(std::string bytes) : bytes_{std::move(bytes)} {}
  std::string read(std::size_t limit) override {
    std::string chunk = bytes_.substr(at_, limit);
    at_ += chunk.size();
    return chunk;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

/// Ranges first, then by key: the order in which a delta is done.
bool is_before(const StateOp& a, const StateOp& b) {
  if (a.key != b.key) return a.key < b.key;
  return static_cast<std::uint8_t>(a.kind) > static_cast<std::uint8_t>(b.kind);
}

}  // namespace

void encode_stream_header(ByteWriter& out, const StreamHeader& header) {
  out.u16(kVersion);
  out.u8(static_cast<std::uint8_t>(header.kind));
  out.varint(header.cut.checkpoint.value);
  out.u64(static_cast<std::uint64_t>(header.cut.event.ms()));
  out.u64(static_cast<std::uint64_t>(header.cut.processing.ms()));
  encode_schema(out, header.schema);
}

StreamHeader decode_stream_header(std::string_view bytes) {
  ByteReader in{bytes};
  const std::uint16_t version = in.u16();
  if (version != kVersion) {
    throw CorruptState{"state is stored in format " + std::to_string(version) +
                       "; this version reads format " + std::to_string(kVersion)};
  }
  StreamHeader header;
  const std::uint8_t kind = in.u8();
  if (kind != static_cast<std::uint8_t>(StreamKind::delta) &&
      kind != static_cast<std::uint8_t>(StreamKind::sorted)) {
    throw CorruptState{"a state stream of kind " + std::to_string(kind) + " is unknown"};
  }
  header.kind = static_cast<StreamKind>(kind);
  header.cut.checkpoint.value = in.varint();
  header.cut.event = EventTime{static_cast<std::int64_t>(in.u64())};
  header.cut.processing = EventTime{static_cast<std::int64_t>(in.u64())};
  header.schema = decode_schema(in);
  if (!in.empty()) throw CorruptState{"the header of a state stream has bytes left over"};
  return header;
}

// --- writing -----------------------------------------------------------------------------------

StateStreamWriter::StateStreamWriter(const ChunkSink& sink, const StreamHeader& header)
    : sink_{sink} {
  ByteWriter bytes;
  encode_stream_header(bytes, header);
  write_frame(kHeaderFrame, bytes.view());
}

void StateStreamWriter::add(const StateOp& op) {
  const std::size_t shared = shared_prefix(last_key_, op.key);
  block_.u8(static_cast<std::uint8_t>(op.kind));
  block_.varint(shared);
  block_.sized(op.key.substr(shared));
  if (has_value(op.kind)) block_.sized(op.value);
  last_key_.resize(shared);
  last_key_ += op.key.substr(shared);
  ++op_count_;
  if (block_.size() >= kBlockBytes) flush_block();
}

void StateStreamWriter::begin_run() {
  flush_block();
  starts_run_ = true;
}

std::uint64_t StateStreamWriter::finish() {
  flush_block();
  ByteWriter end;
  end.varint(op_count_);
  write_frame(kEndFrame, end.view());
  return op_count_;
}

void StateStreamWriter::flush_block() {
  if (block_.empty()) return;
  write_frame(starts_run_ ? kRunFrame : kBlockFrame, block_.view());
  block_.clear();
  last_key_.clear();
  starts_run_ = false;
}

void StateStreamWriter::write_frame(std::uint8_t type, std::string_view payload) {
  frame_.clear();
  frame_.u32(static_cast<std::uint32_t>(payload.size()));
  frame_.u8(type);
  frame_.raw(payload);
  frame_.u64(frame_checksum(frame_count_++, type, payload));
  bytes_ += frame_.size();
  sink_(frame_.view());
}

// --- reading -----------------------------------------------------------------------------------

StateStreamReader::StateStreamReader(std::unique_ptr<ChunkReader> source)
    : source_{std::move(source)} {
  if (read_frame() != kHeaderFrame) fail("it does not start with a header");
  header_ = decode_stream_header(payload_);
}

bool StateStreamReader::next(StateOp& op) {
  while (block_.empty()) {
    if (has_ended_ || !read_block()) return false;
  }
  const std::uint8_t kind = block_.u8();
  if (!is_known(kind)) fail("an operation of kind " + std::to_string(kind) + " is unknown");
  op.kind = static_cast<StateOpKind>(kind);
  const std::uint64_t shared = block_.varint();
  if (shared > key_.size()) fail("a key shares more bytes than the key before it has");
  key_.resize(static_cast<std::size_t>(shared));
  key_ += block_.sized();
  op.key = key_;
  op.value = has_value(op.kind) ? block_.sized() : std::string_view{};
  ++op_count_;
  return true;
}

bool StateStreamReader::read_block() {
  const std::uint8_t type = read_frame();
  if (type == kEndFrame) {
    ByteReader end{payload_};
    if (end.varint() != op_count_ || !end.empty()) fail("its count of operations is wrong");
    has_ended_ = true;
    return false;
  }
  if (type != kBlockFrame && type != kRunFrame) {
    fail("a block of type " + std::to_string(type) + " is unknown");
  }
  key_.clear();
  block_ = ByteReader{payload_};
  return true;
}

std::uint8_t StateStreamReader::read_frame() {
  std::string head;
  read_exactly(head, kFrameHeadBytes);
  ByteReader in{head};
  const std::uint32_t size = in.u32();
  const std::uint8_t type = in.u8();
  read_exactly(payload_, size);
  std::string tail;
  read_exactly(tail, kFrameTailBytes);
  if (ByteReader{tail}.u64() != frame_checksum(frame_count_, type, payload_)) {
    fail("a checksum does not fit");
  }
  ++frame_count_;
  return type;
}

void StateStreamReader::read_exactly(std::string& to, std::size_t size) {
  to.clear();
  while (to.size() < size) {
    if (pending_.empty()) pending_ = source_->read(kReadBytes);
    if (pending_.empty()) fail("its end is missing");
    const std::size_t taken = std::min(size - to.size(), pending_.size());
    to.append(pending_, 0, taken);
    pending_.erase(0, taken);
  }
}

void StateStreamReader::fail(const std::string& what) const {
  throw CorruptState{"a state stream is damaged at block " + std::to_string(frame_count_) + ": " +
                     what};
}

std::unique_ptr<ChunkReader> chunk_reader(std::string bytes) {
  return std::make_unique<MemoryChunks>(std::move(bytes));
}

// --- deltas ------------------------------------------------------------------------------------

RawDeltaReader::RawDeltaReader(std::string_view raw) : in_{raw} {
  header_ = decode_stream_header(in_.sized());
}

bool RawDeltaReader::next(StateOp& op) {
  if (in_.empty()) return false;
  op.kind = static_cast<StateOpKind>(in_.u8());
  op.key = in_.sized();
  op.value = has_value(op.kind) ? in_.sized() : std::string_view{};
  return true;
}

std::uint64_t write_delta(std::string_view raw, const ChunkSink& sink, std::size_t run_bytes) {
  RawDeltaReader reader{raw};
  StateStreamWriter writer{sink, reader.header()};
  std::vector<StateOp> run;
  std::size_t bytes = 0;
  const auto write_run = [&] {
    std::sort(run.begin(), run.end(), is_before);
    writer.begin_run();
    for (const StateOp& each : run) writer.add(each);
    run.clear();
    bytes = 0;
  };
  StateOp op;
  while (reader.next(op)) {
    run.push_back(op);
    bytes += op.key.size() + op.value.size();
    if (bytes >= run_bytes) write_run();
  }
  write_run();
  writer.finish();
  return writer.bytes();
}

}  // namespace weir::inline v0::detail
