// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/io/raw_reader.hpp"
#include "weir/error.hpp"
#include "weir/format.hpp"
#include "weir/source.hpp"

namespace weir::inline v0::detail {

/// How records are decoded.
struct DecodeOptions {
  bool skips_empty = false;
  std::size_t max_record_bytes = 0;
};

/// Decodes the records of one file.
template <class T>
class FormatReader final : public SplitReader<T> {
 public:
  FormatReader(std::unique_ptr<RawReader> raw, Format<T> format, DecodeOptions options)
      : raw_{std::move(raw)}, format_{std::move(format)}, options_{options} {}

  Poll poll(RecordBatch<T>& out, std::size_t max_records) override {
    const Poll found = raw_->fetch(max_records);
    if (found != Poll::records) return found;
    if (!has_header_) apply_header();
    std::size_t count = 0;
    std::size_t bytes = 0;
    bool goes_on = true;
    const std::span<const RawRecord> records = raw_->records();
    const Consume consume{*raw_, count};
    while (goes_on && count < records.size() && count < max_records) {
      const RawRecord& record = records[count];
      goes_on = decode(record, out);
      ++count;
      bytes += record.bytes.size() + 1;
    }
    out.add_bytes(bytes);
    const bool has_any = out.size() != 0 || !out.bad().empty();
    return has_any ? Poll::records : Poll::pending;
  }
  Position position() const override { return raw_->position(); }
  std::uint64_t record_number() const override { return raw_->record_number(); }

 private:
  /// Whatever decode() throws: the records before it are consumed, so that it is the next one.
  struct Consume {
    RawReader& raw;
    std::size_t& count;
    ~Consume() { raw.consume(count); }
  };

  void apply_header() {
    try {
      format_ = format_.with_header(raw_->header());
    } catch (const BadRecord& error) {
      throw_bad_header(*raw_, error.what());
    }
    has_header_ = true;
  }

  /// Returns false where the numbers of the records in the batch would have a gap.
  bool decode(const RawRecord& record, RecordBatch<T>& out) {
    if (record.is_too_long) {
      out.push_bad(record.bytes, record.number, too_long_reason(options_.max_record_bytes));
      return false;
    }
    if (options_.skips_empty && record.bytes.empty()) return out.size() == 0;
    try {
      out.push(format_.decode(record.bytes));
      return true;
    } catch (const BadRecord& error) {
      out.push_bad(record.bytes, record.number, error.what());
      return false;
    }
  }

  const std::unique_ptr<RawReader> raw_;
  Format<T> format_;
  const DecodeOptions options_;
  bool has_header_ = false;
};

/// Records in files.
template <class T>
class FileSource final : public Source<T> {
 public:
  FileSource(std::vector<std::string> paths, Format<T> format, const RawOptions& raw,
             DecodeOptions decode)
      : input_{std::move(paths), raw}, format_{std::move(format)}, decode_{decode} {}

  bool is_bounded() const override { return true; }
  std::vector<std::string> faults() const override { return input_.faults(); }
  std::vector<SplitId> splits(const SourceContext& context) override {
    return input_.splits(context);
  }
  std::unique_ptr<SplitReader<T>> open(const SplitId& split,
                                       const std::optional<Position>& position,
                                       const SourceContext& context) override {
    return std::make_unique<FormatReader<T>>(input_.open(split, position, context), format_,
                                             decode_);
  }

 private:
  FileInput input_;
  const Format<T> format_;
  const DecodeOptions decode_;
};

/// Records in a stream that can be read once.
template <class T>
class StreamSource final : public Source<T> {
 public:
  template <class From>
  StreamSource(From&& from, Format<T> format, const RawOptions& raw, DecodeOptions decode)
      : input_{std::forward<From>(from), raw}, format_{std::move(format)}, decode_{decode} {}

  bool is_bounded() const override { return true; }
  bool is_replayable() const override { return false; }
  std::vector<std::string> faults() const override { return input_.faults(); }
  std::vector<SplitId> splits(const SourceContext&) override { return {SplitId{"input"}}; }
  std::unique_ptr<SplitReader<T>> open(const SplitId&, const std::optional<Position>&,
                                       const SourceContext& context) override {
    return std::make_unique<FormatReader<T>>(input_.open(context), format_, decode_);
  }

 private:
  StreamInput input_;
  const Format<T> format_;
  const DecodeOptions decode_;
};

}  // namespace weir::inline v0::detail
