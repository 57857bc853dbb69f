// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "weir/detail/graph/node.hpp"

namespace weir::inline v0::detail {

/// The authorities that sources and sinks name, each once; a job that runs has one at most.
inline std::vector<std::shared_ptr<CommitAuthority>> authorities_of(const Graph& graph) {
  std::vector<std::shared_ptr<CommitAuthority>> authorities;
  for (const Node& node : graph.nodes) {
    std::shared_ptr<CommitAuthority> authority;
    if (node.source) authority = node.source->authority();
    if (node.sink) authority = node.sink->authority();
    const auto known = std::find(authorities.begin(), authorities.end(), authority);
    if (authority && known == authorities.end()) authorities.push_back(std::move(authority));
  }
  return authorities;
}

}  // namespace weir::inline v0::detail
