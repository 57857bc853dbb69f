// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/sink.hpp"
#include "weir/source.hpp"

// Sources and sinks that are never run.
namespace weir::graph_test {

class Numbers final : public Source<int> {
 public:
  bool is_bounded() const override { return true; }
  std::vector<SplitId> splits(const SourceContext&) override { return {}; }
  std::unique_ptr<SplitReader<int>> open(const SplitId&, const std::optional<Position>&,
                                         const SourceContext&) override {
    return nullptr;
  }
};

class NullSink : public Sink<int> {
 public:
  Guarantee strongest_guarantee() const override { return Guarantee::at_least_once; }
  std::unique_ptr<SinkWriter<int>> writer(const SinkContext&) override { return nullptr; }
};

class FaultySink final : public NullSink {
 public:
  std::vector<std::string> faults() const override { return {"the path is empty"}; }
};

}  // namespace weir::graph_test
