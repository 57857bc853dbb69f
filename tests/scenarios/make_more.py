#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes scenarios whose expectations follow from the rules: a model of a few plain lines for each
kind of operator, which shares nothing with weir, over random input.

    make_more.py [SEED] [COUNT] > more.json
"""
import json
import random
import sys

MIN = -(2**63)
MAX = 2**63 - 1


def text(value):
    return value if isinstance(value, str) else json.dumps(value)


class Fold:
    """An aggregate in the words of a scenario."""

    def __init__(self, kind, init=None, sep="+"):
        self.kind, self.sep = kind, sep
        self.init = {"count": 0, "sum": 0, "concat": init}.get(kind)

    def form(self):
        if self.kind == "concat":
            return {"kind": "concat", "init": self.init, "sep": self.sep}
        return {"kind": self.kind}

    def add(self, total, value):
        return total + 1 if self.kind == "count" else self.merge(total, value)

    def merge(self, a, b):
        if a is None or b is None:
            return b if a is None else a
        if self.kind in ("count", "sum"):
            return a + b
        if self.kind in ("min", "max"):
            return min(a, b) if self.kind == "min" else max(a, b)
        return text(a) + self.sep + text(b)


def windows_of(t, size, every, offset=0):
    start = (t - offset) // every * every + offset
    found = []
    while start > t - size:
        found.append((start, start + size))
        start -= every
    return sorted(found)


def kafka_time_windows(events, size, every, grace, emit, fold):
    """Stream time and grace; no window starts before 0."""
    stream_time, drops, results = MIN, 0, []
    store, emitted = {}, set()
    for i, event in enumerate(events):
        if "t" not in event:
            continue
        t, key = event["t"], event["key"]
        stream_time = max(stream_time, t)
        for window in windows_of(t, size, every):
            if window[0] < 0:
                continue
            if window[1] <= stream_time - grace:
                drops += 1
                continue
            store[window, key] = fold.add(store.get((window, key), fold.init), event["value"])
            if emit == "on_update":
                results.append({"key": key, "window": window, "value": store[window, key], "after": i})
        if emit == "on_close":
            for window, name in sorted(store):
                if window[1] <= stream_time - grace and (window, name) not in emitted:
                    emitted.add((window, name))
                    results.append({"key": name, "window": window, "value": store[window, name], "after": i})
    return results, drops


def kafka_sessions(events, gap, grace, emit, fold):
    """Sessions [first, last]; those that have closed can still be joined."""
    stream_time, drops, results = MIN, 0, []
    store, emitted = {}, set()
    for i, event in enumerate(events):
        if "t" not in event:
            continue
        t, key = event["t"], event["key"]
        stream_time = max(stream_time, t)
        close = stream_time - grace - gap
        touching = sorted(
            (first, last) for first, last, name in store if name == key and last >= t - gap and first <= t + gap)
        merged = (min([t] + [w[0] for w in touching]), max([t] + [w[1] for w in touching]))
        if merged[1] < close:
            drops += 1
            continue
        total = fold.init
        for first, last in touching:
            old = store.pop((first, last, key))
            emitted.discard((first, last, key))
            total = fold.merge(total, old)
            if emit == "on_update" and merged != (t, t):
                results.append({"key": key, "window": (first, last), "value": None, "after": i})
        total = fold.add(total, event["value"])
        store[merged[0], merged[1], key] = total
        if emit == "on_update":
            results.append({"key": key, "window": merged, "value": total, "after": i})
        else:
            for last, first, name in sorted((l, f, k) for f, l, k in store):
                if last < close and (first, last, name) not in emitted:
                    emitted.add((first, last, name))
                    results.append(
                        {"key": name, "window": (first, last), "value": store[first, last, name], "after": i})
    return results, drops


class FlinkWindow:
    def __init__(self):
        self.value, self.count = None, 0


def flink_windows(events, assigner, trigger, lateness, purging, fold):
    """Watermarks; a window is there until end - 1 + lateness."""
    watermark, results, late, dropped = MIN, [], [], 0
    live = {}  # (key, start, end)

    def fire(i, place, window):
        if window.value is None:
            return
        results.append({"key": place[0], "window": [place[1], place[2]], "value": window.value,
                        "t": MAX if place[2] == MAX else place[2] - 1, "after": i})
        if purging:
            window.value = None

    def add(i, place, value):
        window = live[place]
        window.value = fold.add(fold.init if window.value is None else window.value, value)
        window.count += 1
        if trigger["kind"] == "count":
            if window.count >= trigger["n"]:
                window.count = 0
                fire(i, place, window)
        elif place[2] - 1 <= watermark and place[2] != MAX:
            fire(i, place, window)

    def is_gone(end):
        return end != MAX and end - 1 + lateness <= watermark

    def assign(t, key):
        if assigner["kind"] == "session":
            own = (t, t + assigner["gap_ms"])
            touching = sorted(p for p in live if p[0] == key and p[1] <= own[1] and own[0] <= p[2])
            merged = (key, min([own[0]] + [p[1] for p in touching]), max([own[1]] + [p[2] for p in touching]))
            if is_gone(merged[2]):
                return []
            whole = FlinkWindow()
            for place in touching:
                part = live.pop(place)
                whole.count += part.count
                whole.value = fold.merge(whole.value, part.value)
            live[merged] = whole
            return [merged]
        if assigner["kind"] == "global":
            places = [(key, MIN, MAX)]
        else:
            places = [(key, *w) for w in windows_of(t, assigner["size_ms"],
                                                    assigner.get("slide_ms", assigner["size_ms"]),
                                                    assigner.get("offset_ms", 0))]
        places = [p for p in places if not is_gone(p[2])]
        for place in places:
            live.setdefault(place, FlinkWindow())
        return places

    for i, event in enumerate(events):
        if "watermark" in event:
            before, watermark = watermark, event["watermark"]
            for place in sorted(live, key=lambda p: (p[2], p[1], p[0])):
                if place[2] == MAX:
                    continue
                if trigger["kind"] == "event_time" and before < place[2] - 1 <= watermark:
                    fire(i, place, live[place])
                if is_gone(place[2]):
                    del live[place]
        elif "t" in event:
            places = assign(event["t"], event["key"])
            for place in places:
                add(i, place, event["value"])
            if not places:
                dropped += 1
                late.append({"key": event["key"], "value": event["value"], "t": event["t"]})
    return results, late, dropped


def ttl_state(events, ttl, update, visibility):
    now, store, results = 0, {}, []
    for i, event in enumerate(events):
        now = event.get("processing_time", now)
        key = event.get("key")
        if "put" in event:
            store[key] = (event["put"], now)
        if "get" in event:
            value, used = store.get(key, (None, 0))
            is_expired = key in store and used + ttl <= now
            if is_expired:
                del store[key]
                if visibility == "NeverReturnExpired":
                    value = None
            elif key in store and update == "OnReadAndWrite" and now - used >= ttl / 16:
                store[key] = (value, now)
            results.append({"value": value, "after": i})
    return results


def valve(events, channels):
    mark, idle, aligned = [MIN] * channels, [False] * channels, [True] * channels
    out, out_idle, results = MIN, False, []

    def advance(i, to):
        nonlocal out
        if to > out:
            out = to
            results.append({"watermark": to, "after": i})

    for i, event in enumerate(events):
        c = event["channel"]
        if "watermark" in event:
            if idle[c] or event["watermark"] <= mark[c]:
                continue
            mark[c] = event["watermark"]
            aligned[c] = aligned[c] or mark[c] >= out
        else:
            is_idle = event["status"] == "IDLE"
            if idle[c] == is_idle:
                continue
            idle[c] = is_idle
            aligned[c] = not is_idle and mark[c] >= out
            if not is_idle and out_idle:
                out_idle = False
                results.append({"status": "ACTIVE", "after": i})
            if all(idle):
                advance(i, max(mark))
                out_idle = True
                results.append({"status": "IDLE", "after": i})
        counted = [mark[k] for k in range(channels) if aligned[k] and not idle[k]]
        if counted:
            advance(i, min(counted))
    return results


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def records(self, count, keys, span, values, forward=True):
        """Times go forwards on the whole, with disorder."""
        events, base = [], self.random.randrange(-span, span) if not forward else 0
        for _ in range(count):
            base += self.random.choice([0, 1, 1, 2, 3, 5, span // 2, span])
            t = base - self.random.choice([0, 0, 0, 1, 2, span // 2, span, 2 * span])
            events.append({"t": max(t, 0) if forward else t, "key": self.random.choice(keys), "value": values()})
        return events

    def word(self):
        return self.random.choice(["x", "y", "z", "1", "22"])

    def number(self):
        return self.random.randrange(-5, 10)

    def fold(self, merges):
        kinds = ["count", "concat", "sum", "min", "max"] + (["reduce_concat"] if merges else [])
        kind = self.random.choice(kinds)
        return Fold(kind, self.random.choice(["0", ""])) if kind == "concat" else Fold(kind)

    def with_restarts(self, events, name):
        mixed = []
        for event in events:
            if self.random.random() < 0.15:
                mixed.append({name: True})
            mixed.append(event)
        return mixed

    def kafka(self, is_session):
        fold = self.fold(True)
        values = self.word if fold.kind in ("count", "concat", "reduce_concat") else self.number
        keys = self.random.choice([["k"], ["a", "b"], ["a", "bb", "aab", "c"]])
        size = self.random.choice([2, 5, 10])
        events = self.records(self.random.randrange(5, 16), keys, size, values)
        if self.random.random() < 0.4:
            events = self.with_restarts(events, "restart")
        grace = self.random.choice([0, 0, 1, 3, size, 4 * size])
        emit = self.random.choice(["on_update", "on_close"])
        operator = {"time": "stream_time", "grace_ms": grace, "emit": emit, "aggregate": fold.form()}
        if is_session:
            operator.update(type="session_window_aggregate", gap_ms=size, merge_tombstones=True,
                            window_bounds="[start,end] inclusive")
            expected, drops = kafka_sessions(events, size, grace, emit, fold)
        else:
            every = self.random.choice([size, size, max(size // 2, 1), max(size // 3, 1)])
            operator.update(type="time_window_aggregate", size_ms=size, advance_ms=every,
                            window_bounds="[start,end)")
            expected, drops = kafka_time_windows(events, size, every, grace, emit, fold)
        return {"operator": operator, "events": events, "expected": expected, "match": "ordered",
                "expected_dropped": drops}

    def flink(self):
        kind = self.random.choice(["tumbling", "sliding", "session", "session", "global"])
        size = self.random.choice([4, 6, 10])
        assigner = {"kind": kind}
        if kind == "session":
            assigner["gap_ms"] = size
        elif kind != "global":
            assigner["size_ms"] = size
            assigner["offset_ms"] = self.random.choice([0, 0, 1, -3])
            if kind == "sliding":
                assigner["slide_ms"] = self.random.choice([size // 2, 1, 3, size])
        by_count = kind == "global" or self.random.random() < 0.25
        trigger = {"kind": "count", "n": self.random.choice([1, 2, 3, 4])} if by_count else {"kind": "event_time"}
        fold = self.fold(False) if kind != "session" else Fold(self.random.choice(["count", "sum", "min", "max"]))
        values = self.word if fold.kind == "concat" else self.number
        lateness = 0 if kind == "global" else self.random.choice([0, 0, 2, size, 3 * size])
        purging = self.random.random() < 0.4
        events, reached = [], MIN
        for event in self.records(self.random.randrange(6, 16), ["key1", "key2"], size, values, False):
            events.append(event)
            if self.random.random() < 0.4:
                reached = max(reached, event["t"] + self.random.choice([-3, -1, 0, 1, size]))
                events.append({"watermark": reached})
        if self.random.random() < 0.5:
            events = self.with_restarts(events, "snapshot_restore")
        if self.random.random() < 0.5:
            events.append({"watermark": 10**6})
        expected, late, dropped = flink_windows(events, assigner, trigger, lateness, purging, fold)
        emits_window = kind != "global" and self.random.random() < 0.7
        if not emits_window:
            expected = [{k: v for k, v in e.items() if k != "window"} for e in expected]
        has_side = self.random.random() < 0.5
        scenario = {"operator": {"type": "flink_window", "assigner": assigner, "trigger": trigger,
                                 "allowed_lateness_ms": lateness, "purging": purging,
                                 "aggregate": "sum" if fold.kind == "sum" else fold.form(),
                                 "emit_window": emits_window, "time": "watermark", "side_output": has_side},
                    "events": events, "expected": expected, "match": "multiset"}
        scenario.update({"expected_side_output": late} if has_side else {"expected_dropped": dropped})
        return scenario

    def ttl(self):
        ttl = self.random.choice([50, 100])
        operator = {"type": "ttl_state", "ttl_ms": ttl,
                    "update_type": self.random.choice(["OnCreateAndWrite", "OnReadAndWrite"]),
                    "visibility": self.random.choice(["NeverReturnExpired", "ReturnExpiredIfNotCleanedUp"]),
                    "time": "processing_time"}
        now, events = 0, []
        for _ in range(self.random.randrange(5, 14)):
            now += self.random.choice([0, 1, 20, 49, 50, 60, 100, 120])
            action = {"get": True} if self.random.random() < 0.6 else {"put": self.random.choice("abc")}
            events.append({"processing_time": now, **action, "key": self.random.choice(["k1", "k2"])})
        # A base may hold nothing that has expired: a snapshot would decide what is returned once more.
        if operator["visibility"] == "NeverReturnExpired":
            events = self.with_restarts(events, "snapshot_restore")
        expected = ttl_state(events, ttl, operator["update_type"], operator["visibility"])
        return {"operator": operator, "events": events, "expected": expected, "match": "ordered"}

    def valve(self):
        channels, events, top = self.random.randrange(1, 4), [], 0
        for _ in range(self.random.randrange(4, 16)):
            event = {"channel": self.random.randrange(channels)}
            if self.random.random() < 0.6:
                top += self.random.randrange(0, 4)
                event["watermark"] = top + self.random.randrange(-6, 6)
            else:
                event["status"] = self.random.choice(["IDLE", "ACTIVE"])
            events.append(event)
        return {"operator": {"type": "watermark_valve", "channels": channels}, "events": events,
                "expected": valve(events, channels), "match": "ordered"}

    def assigner(self):
        size = self.random.choice([5, 6, 1000])
        every = self.random.choice([1, 2, 3, 5]) * max(size // 10, 1)
        offset = self.random.choice([0, 1, -2])
        events = [{"t": self.random.randrange(-3 * size, 3 * size)} for _ in range(4)]
        return {"operator": {"type": "window_assigner", "kind": "sliding", "size_ms": size,
                             "slide_ms": every, "offset_ms": offset},
                "events": events, "match": "ordered",
                "expected": [{"windows": windows_of(e["t"], size, every, offset), "after": i}
                             for i, e in enumerate(events)]}

    def punctuator(self):
        first, interval, now = self.random.choice([0, 5, 50]), self.random.choice([10, 100]), 0
        events, expected, due = [], [], first
        for i in range(10):
            now += self.random.choice([0, 1, 5, 10, 49, 100, 1001])
            events.append({"t": now})
            if now >= due:
                expected.append({"fire": now, "after": i})
                due = first + ((now - first) // interval + 1) * interval
        return {"operator": {"type": "punctuator", "first_ms": first, "interval_ms": interval},
                "events": events, "expected": expected, "match": "ordered"}


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    maker, scenarios = Maker(seed), []
    kinds = {"kafka_windows": lambda: maker.kafka(False), "kafka_sessions": lambda: maker.kafka(True),
             "flink_windows": maker.flink, "ttl": maker.ttl, "valve": maker.valve,
             "assigner": maker.assigner, "punctuator": maker.punctuator}
    for name, make in kinds.items():
        for i in range(count):
            scenarios.append({"name": f"model.{name}.{seed}.{i}", "verified": "computed by make_more.py",
                              "tier": "extended", **make()})
    print("[\n" + ",\n".join(json.dumps(scenario) for scenario in scenarios) + "\n]")


if __name__ == "__main__":
    main()
