// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weir/detail/callables.hpp"

namespace weir::inline v0 {

// What a fluent call asks of its argument. Callables are called through const references, by
// several workers at once, each with a copy of its own; so they keep no state between records.

/// A type that records can have: an object that can be moved. Not bool (name what is true in an
/// enum), and not std::string_view (the text is gone when the batch is).
template <class T>
concept Streamable = detail::is_streamable<T>;

/// Makes one record of one record: `(const T&) -> U`, or a pointer to a member of T. Of a
/// Change<K, V>: `(const Keyed<K, V>&) -> U`, called for the old and the new side.
template <class F, class T>
concept MapFunction = detail::maps<F, detail::Row<T>> || detail::maps<F, T>;

/// Says yes or no to a record: `(const T&) -> bool`, or a pointer to a bool member of T. Of a
/// Change<K, V>: `(const Keyed<K, V>&) -> bool`, called for the old and the new side.
template <class F, class T>
concept Predicate = detail::is_predicate<F, detail::Row<T>>;

/// Makes any number of records of one record: `(const T&) -> range of U`, or
/// `(const T&, Emitter<U>&)`.
template <class F, class T>
concept FlatMapFunction = detail::flat_maps<F, T>;

/// Emits records of type U for one record: `(const T&, Emitter<U>&)`.
template <class F, class T, class U>
concept FlatMapFunctionTo = detail::emits<F, T, U>;

/// Looks at a record: `(const T&)`. Of a Change<K, V> also `(const Keyed<K, V>&)`: called for
/// every change that has a new side.
template <class F, class T>
concept Observer = detail::observes<F, detail::Row<T>> || detail::observes<F, T>;

/// Says what key a record has: `(const T&) -> StreamKey`, or a pointer to a member of T.
template <class F, class T>
concept KeySelector = detail::selects_key<F, T>;

/// Says what time a record has: `(const T&) -> EventTime`, or std::chrono::sys_time, or an optional
/// of these (empty: the record has no usable time), or a pointer to such a member of T.
template <class F, class T>
concept TimeSelector = detail::selects_time<F, T>;

/// A source of records: `std::shared_ptr` to a Source, or what converts to one.
template <class S>
concept StreamSource = detail::is_source<S>;

/// A sink for records of type T: `std::shared_ptr<Sink<T>>`, or what converts to it.
template <class S, class T>
concept SinkFor = detail::is_sink<S, T>;

}  // namespace weir::inline v0
