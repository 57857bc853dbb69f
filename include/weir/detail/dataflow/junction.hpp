// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "weir/detail/dataflow/operator.hpp"
#include "weir/export.hpp"
#include "weir/watermarks.hpp"

namespace weir::inline v0::detail {

/// Combines time, idleness and end over the inputs of an operator: what `Operator::input` of one
/// with several inputs returns are the ports of its junction. Only ports that were asked for count:
/// of a union that is fed from several stages, each task has some.
///
/// The operator must take on_watermark, on_idle and on_end while it holds elements.
class WEIR_API Junction final {
 public:
  explicit Junction(Operator& target);
  ~Junction();

  Operator* port(std::size_t port);

  void save(ByteWriter& out) const;
  /// Ports that the checkpoint does not know start without a watermark, and hold others back.
  void load(ByteReader& in);
  /// The combined watermark.
  EventTime watermark() const noexcept { return valve_.watermark(); }
  bool is_idle() const noexcept { return valve_.is_idle(); }

 private:
  class Port;

  void apply(const TimeUpdate& update);
  void end_port();

  Operator& target_;
  std::map<std::size_t, std::unique_ptr<Port>> ports_;
  WatermarkValve valve_;
  std::size_t ended_ = 0;
};

}  // namespace weir::inline v0::detail
