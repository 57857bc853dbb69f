// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <typeindex>
#include <typeinfo>
#include <utility>

#include "weir/concepts.hpp"
#include "weir/detail/operators/process_operator.hpp"
#include "weir/detail/stream_nodes.hpp"
#include "weir/process.hpp"
#include "weir/stream.hpp"

namespace weir::inline v0 {

/// What a process emits: a Stream<Out>, and side outputs.
template <class Out>
class Processed final {
 public:
  using value_type = Out;

  /// For the functions that add a process. The declarations are shared with the node, which makes
  /// its operators when the topology is complete.
  Processed(detail::NodeRef ref, std::shared_ptr<detail::SideDeclarations> sides)
      : results_{std::move(ref)}, sides_{std::move(sides)} {}

  /// The records that the process emits for this tag.
  template <class U>
  Stream<U> side(const SideOutput<U>& tag) const {
    const detail::NodeRef side = ref().at_outlet(tag.name());
    for (const detail::SideDeclaration& known : *sides_) {
      if (known.name != tag.name()) continue;
      if (known.type != typeid(U)) {
        ref().node().faults.push_back("side output '" + tag.name() + "' is read with two types");
      }
      return Stream<U>{side};
    }
    sides_->push_back({tag.name(), side.outlet(), typeid(U), &detail::make_side_outlet<U>});
    return Stream<U>{side};
  }

  /// The results as a plain stream.
  const Stream<Out>& stream() const noexcept { return results_; }
  operator Stream<Out>() const { return results_; }  // NOLINT: it is one, with more outlets.

  /// Names the node; see Stream::named. Its state is kept under this name.
  Processed named(std::string name) const {
    ref().name(std::move(name));
    return *this;
  }
  /// What becomes of records and timers for which the process throws.
  Processed on_error(OnError policy) const {
    ref().node().on_error = policy;
    return *this;
  }
  Stream<DeadLetter> dead_letters() const { return results_.dead_letters(); }

  // What a Stream has.
  template <MapFunction<Out> F>
  auto map(F function) const {
    return results_.map(std::move(function));
  }
  template <Predicate<Out> F>
  Stream<Out> filter(F predicate) const {
    return results_.filter(std::move(predicate));
  }
  template <FlatMapFunction<Out> F>
  auto flat_map(F function) const {
    return results_.flat_map(std::move(function));
  }
  template <Observer<Out> F>
  Stream<Out> peek(F observer) const {
    return results_.peek(std::move(observer));
  }
  Stream<Out> union_with(const Stream<Out>& other) const { return results_.union_with(other); }
  template <Predicate<Out>... F>
  auto split(F... predicates) const {
    return results_.split(std::move(predicates)...);
  }
  template <KeySelector<Out> F>
  auto key_by(F selector) const {
    return results_.key_by(std::move(selector));
  }
  template <SinkFor<Out> S>
  Output to(S&& sink) const {
    return results_.to(std::forward<S>(sink));
  }
  template <SinkFor<Out> S>
  Output to(std::string name, S&& sink) const {
    return results_.to(std::move(name), std::forward<S>(sink));
  }
  template <Observer<Out> F>
  Output for_each(F function) const {
    return results_.for_each(std::move(function));
  }
  template <Observer<Out> F>
  Output for_each(std::string name, F function) const {
    return results_.for_each(std::move(name), std::move(function));
  }

  /// For handles that are built on this one; not for users.
  const detail::NodeRef& ref() const noexcept { return results_.ref(); }

 private:
  Stream<Out> results_;
  std::shared_ptr<detail::SideDeclarations> sides_;
};

namespace detail {

/// A process made of functions.
template <class K, class T, class Out, class F>
class SetUpProcess final : public ProcessSetup<K, T, Out> {
 public:
  explicit SetUpProcess(const F& setup)
      : on_record_{setup(static_cast<ProcessSetup<K, T, Out>&>(*this))} {}
  void on_record(const T& record) override { on_record_(record); }

 private:
  std::invoke_result_t<const F&, ProcessSetup<K, T, Out>&> on_record_;
};

template <class P, class... Argument>
Processed<typename P::output_type> add_process(const NodeRef& keyed, Argument... arguments) {
  using Op = ProcessOperator<typename P::key_type, typename P::record_type, P>;
  auto sides = std::make_shared<SideDeclarations>();
  Node node;
  node.operation = "process";
  node.kind = NodeKind::keyed;
  node.outlets.emplace_back(kDeadLetters);
  node.make = [sides, arguments...]() -> std::unique_ptr<Operator> {
    return std::make_unique<Op>(*sides, arguments...);
  };
  return {keyed.add(std::move(node)), std::move(sides)};
}

}  // namespace detail
}  // namespace weir::inline v0
