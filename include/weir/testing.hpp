// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything for testing topologies: link weir::testing, and any test framework.
///
/// | what | for what |
/// | --- | --- |
/// | Driver, Feed, Probe | one topology, one thread, virtual time: exact, step by step |
/// | World | a whole machine in memory, with crashes at chosen effects and faults from a seed |
/// | VirtualClock, SimDisk, SimLog, SimKafka | the doors to the world, simulated |
/// | LogClient, log_source, log_sink | a transactional log as source and sink of a job |
/// | for_each_seed, Swarm | random tests that can be repeated: WEIR_SEED, WEIR_SEEDS |
///
/// A first test:
///
///     weir::testing::Feed<std::string> words;
///     weir::testing::Probe<std::string> loud;
///     weir::Topology topology{"loud"};
///     topology.source("words", words.source()).map(to_upper).to("loud", loud.sink());
///     weir::testing::Driver driver{topology};
///     words.push("a");
///     driver.settle();
///     EXPECT_EQ(loud.take(), std::vector<std::string>{"A"});
///
/// A stateful topology deserves a second one, with `driver.checkpoint_and_restart()` between any
/// two steps: nothing in the output may change.
#include "weir/testing/driver.hpp"
#include "weir/testing/effects.hpp"
#include "weir/testing/feed.hpp"
#include "weir/testing/log_client.hpp"
#include "weir/testing/log_sink.hpp"
#include "weir/testing/log_source.hpp"
#include "weir/testing/probe.hpp"
#include "weir/testing/seeds.hpp"
#include "weir/testing/sim_disk.hpp"
#include "weir/testing/sim_kafka.hpp"
#include "weir/testing/sim_log.hpp"
#include "weir/testing/swarm.hpp"
#include "weir/testing/virtual_clock.hpp"
#include "weir/testing/world.hpp"
