// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "weir/detail/assert.hpp"
#include "weir/detail/dataflow/outlet.hpp"
#include "weir/topology.hpp"

namespace weir::inline v0::testing {

/// Counts records per key, and emits each with its count: "a" twice gives "a:1", "a:2". Keeps the
/// counts itself, not in state tables: it tests the runtime and nothing below it.
class TallyOperator final : public detail::Operator,
                            public detail::KeyedReceiver<std::string, std::string> {
 public:
  detail::ReceiverBase* receiver(std::size_t) override { return this; }
  void connect(std::size_t, detail::Link link) override { out_.connect(link); }
  void open(detail::OperatorContext&) override {}

  bool ready() const override { return out_.is_empty() && !is_owing_ && out_.consumers_ready(); }
  bool advance() override {
    if (ready()) return false;
    const bool had_work = !out_.is_empty() || is_owing_;
    return had_work && flush();
  }
  void on_keyed_batch(const detail::KeyedView<std::string, std::string>& batch) override {
    WEIR_ASSERT(ready(), "an element came while another one was suspended");
    for (std::uint32_t i = 0; i < batch.count; ++i) {
      const std::string& key = batch.key(i);
      out_.emit(key + ":" + std::to_string(++counts_[key]), batch.time(i));
    }
    flush();
  }
  void on_watermark(EventTime watermark) override {
    WEIR_ASSERT(ready(), "a watermark came while an element was suspended");
    WEIR_ASSERT(watermark > watermark_, "the watermark went back");
    watermark_ = watermark;
    is_owing_ = true;
    flush();
  }
  void on_idle(bool is_idle) override { out_.idle(is_idle); }
  void on_clock(EventTime) override {}
  void on_end() override { out_.end(); }
  void on_barrier(CheckpointId, ByteWriter& blob) override {
    WEIR_ASSERT(out_.is_empty() && !is_owing_, "a barrier came in the middle of an element");
    Codec<std::map<std::string, std::int64_t>>::encode(blob, counts_);
  }
  void load(ByteReader& in) override {
    counts_ = Codec<std::map<std::string, std::int64_t>>::decode(in);
  }

 private:
  bool flush() {
    if (!out_.flush()) return false;
    if (!is_owing_) return true;
    if (!out_.consumers_ready()) return true;
    is_owing_ = false;
    out_.watermark(watermark_);
    return true;
  }

  detail::Outlet<std::string> out_;
  std::map<std::string, std::int64_t> counts_;
  EventTime watermark_ = EventTime::min();
  bool is_owing_ = false;  // The watermark waits for the consumers.
};

/// A stage of its own that counts records by key.
inline Stream<std::string> tally(const Stream<std::string>& records, std::string name,
                                 std::function<std::string(const std::string&)> selector) {
  const detail::NodeRef key_by =
      records.ref().add(detail::key_by_node<std::string, std::string>(std::move(selector)));
  detail::Node node;
  node.kind = detail::NodeKind::keyed;
  node.operation = "tally";
  node.make = [] { return std::make_unique<TallyOperator>(); };
  return Stream<std::string>{key_by.add(std::move(node))}.named(std::move(name));
}

inline std::string whole(const std::string& text) { return text; }
/// "a:7" -> "a".
inline std::string before_colon(const std::string& text) { return text.substr(0, text.find(':')); }

}  // namespace weir::inline v0::testing
