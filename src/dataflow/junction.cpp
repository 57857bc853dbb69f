// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/dataflow/junction.hpp"

namespace weir::inline v0::detail {

/// Stands for one input of the target. Records do not come through here.
class Junction::Port final : public Operator {
 public:
  Port(Junction& junction, std::size_t input) : junction_{junction}, input_{input} {}

  ReceiverBase* receiver(std::size_t port) override { return junction_.target_.receiver(port); }
  void connect(std::size_t, Link) override {}
  void open(OperatorContext&) override {}
  bool ready() const override { return junction_.target_.ready(); }
  bool advance() override { return false; }
  void on_watermark(EventTime watermark) override {
    junction_.apply(junction_.valve_.on_watermark(input_, watermark));
  }
  void on_idle(bool is_idle) override {
    junction_.apply(junction_.valve_.on_idle(input_, is_idle));
  }
  void on_clock(EventTime) override {}
  void on_end() override { junction_.end_port(); }
  void on_barrier(CheckpointId, ByteWriter&) override {}
  void load(ByteReader&) override {}

  std::size_t number() const noexcept { return input_; }

 private:
  Junction& junction_;
  const std::size_t input_;
};

Junction::Junction(Operator& target) : target_{target} {}
Junction::~Junction() = default;

Operator* Junction::port(std::size_t port) {
  std::unique_ptr<Port>& found = ports_[port];
  if (!found) found = std::make_unique<Port>(*this, valve_.add_input());
  return found.get();
}

void Junction::apply(const TimeUpdate& update) {
  if (update.is_idle == false) target_.on_idle(false);
  if (update.watermark) target_.on_watermark(*update.watermark);
  if (update.is_idle == true) target_.on_idle(true);
}

void Junction::end_port() {
  if (++ended_ == ports_.size()) target_.on_end();
}

void Junction::save(ByteWriter& out) const {
  out.varint(ports_.size());
  for (const auto& port : ports_) {
    out.varint(port.first);
    out.varint(port.second->number());
  }
  valve_.save(out);
}

void Junction::load(ByteReader& in) {
  std::map<std::size_t, std::size_t> saved;  // Port to its place in the saved valve.
  for (std::uint64_t count = in.varint(); count > 0; --count) {
    const auto port = static_cast<std::size_t>(in.varint());
    saved[port] = static_cast<std::size_t>(in.varint());
  }
  WatermarkValve old{saved.size()};
  old.load(in);
  for (const auto& port : ports_) {
    const auto found = saved.find(port.first);
    if (found != saved.end()) valve_.adopt(port.second->number(), old, found->second);
  }
  valve_.adopt_output(old);
}

}  // namespace weir::inline v0::detail
