// SPDX-License-Identifier: Apache-2.0
#include "weir/job.hpp"

#include <utility>

#include "graph/close.hpp"
#include "graph/through_topics.hpp"
#include "job/guarantee.hpp"
#include "job/job_control.hpp"
#include "weir/error.hpp"

namespace weir::inline v0 {
namespace {

/// Every fault of topology and options together, before anything starts.
std::shared_ptr<detail::JobControl> make_control(const Topology& topology, JobOptions options) {
  detail::Graph graph = topology.graph();
  detail::derive_names(graph);
  std::vector<std::string> faults;
  graph = detail::through_topics(graph, options, faults);
  const auto add = [&faults](std::vector<std::string> more) {
    faults.insert(faults.end(), more.begin(), more.end());
  };
  add(detail::find_faults(graph));
  add(check_options(options));
  add(detail::check_guarantee(graph, options));
  add(detail::job_faults(graph, options));
  if (!faults.empty()) throw ConfigError{std::move(faults)};
  return std::make_shared<detail::JobControl>(std::move(graph), std::move(options));
}

}  // namespace

Job::Job(Topology topology, JobOptions options)
    : control_{make_control(topology, std::move(options))} {}

Job::~Job() = default;

void Job::start() { control_->start(); }

void Job::run() {
  start();
  wait();
}

void Job::run(std::stop_token stop_token) {
  start();
  const std::stop_callback on_stop{stop_token, [this] { control_->stop(); }};
  wait();
}

void Job::wait() { control_->wait(); }
bool Job::wait_for(Duration at_most) { return control_->wait_for(at_most); }

bool Job::stop() {
  control_->stop();
  return control_->wait_for(control_->options().stop_timeout);
}

bool Job::finish() {
  control_->finish();
  return control_->wait_for(control_->options().stop_timeout);
}

void Job::cancel() {
  control_->cancel();
  control_->wait_for(control_->options().stop_timeout);
}

void Job::savepoint(const std::string& name) { control_->savepoint(name); }
JobStatus Job::status() const { return control_->status(); }
JobProgress Job::progress() const { return control_->progress(); }
Metrics Job::metrics() const { return control_->metrics(); }

std::string Job::describe_options() const { return ::weir::describe_options(control_->options()); }

std::string to_string(JobState state) {
  switch (state) {
    case JobState::created:
      return "created";
    case JobState::starting:
      return "starting";
    case JobState::standby:
      return "standby";
    case JobState::running:
      return "running";
    case JobState::stopping:
      return "stopping";
    case JobState::restarting:
      return "restarting";
    case JobState::stopped:
      return "stopped";
    case JobState::finished:
      return "finished";
    case JobState::cancelled:
      return "cancelled";
    case JobState::failed:
      return "failed";
  }
  return "unknown";
}

}  // namespace weir::inline v0
