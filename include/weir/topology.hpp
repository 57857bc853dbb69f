// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "weir/export.hpp"
#include "weir/keyed_stream.hpp"
#include "weir/stream.hpp"

namespace weir::inline v0 {

/// How a topology is drawn.
enum class Drawing : std::uint8_t {
  text,     ///< One line per node, for people and logs.
  mermaid,  ///< A flowchart for Markdown pages.
};

/// The graph of a job as it is being built: sources, and what comes of their streams.
///
///     weir::Topology topology{"word-count"};
///     topology.source("lines", weir::io::read_lines(std::cin)).flat_map(words_of) ...
///
/// Built by one thread. A job takes it over; handles are of no use afterwards.
class WEIR_API Topology final {
 public:
  /// `name` is the job's: in its metrics, logs, checkpoints.
  explicit Topology(std::string name);

  /// A stream of the source's records. `name` is the node's; see Stream::named.
  template <StreamSource S>
  Stream<detail::SourceValue<S>> source(std::string name, S&& source) {
    return this->source(std::forward<S>(source)).named(std::move(name));
  }
  /// The same with a derived name: "source", "source-2" in the order of the calls.
  template <StreamSource S>
  Stream<detail::SourceValue<S>> source(S&& source) {
    using T = detail::SourceValue<S>;
    graph_->nodes.push_back(
        detail::source_node<T>(std::shared_ptr<Source<T>>(std::forward<S>(source))));
    return Stream<T>{detail::NodeRef{graph_, graph_->nodes.size() - 1}};
  }

  const std::string& name() const noexcept { return graph_->job_name; }

  /// Looks for everything that is wrong with the graph. A Job does so, too.
  /// Throws: ConfigError with all faults.
  void validate() const;

  /// The graph as it stands, with the names that nodes have or will get; also of an invalid one.
  ///
  ///     topology word-count
  ///       lines           source
  ///       lines.flat_map  flat_map   <- lines
  ///       lines.key_by    key_by     <- lines.flat_map
  std::string describe(Drawing drawing = Drawing::text) const;

  /// For the runtime; not for users.
  const detail::Graph& graph() const noexcept { return *graph_; }

 private:
  std::shared_ptr<detail::Graph> graph_;  // Shared with the handles.
};

}  // namespace weir::inline v0
