// SPDX-License-Identifier: Apache-2.0
#include "crash/child.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace weir::crash {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error{what + ": " + std::strerror(errno)};
}

}  // namespace

Child::Child(const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe(ends) != 0) fail("pipe");
  std::vector<char*> argv;
  std::string self = "/proc/self/exe";
  argv.push_back(self.data());
  std::vector<std::string> kept = arguments;
  for (std::string& argument : kept) argv.push_back(argument.data());
  argv.push_back(nullptr);
  process_ = fork();
  if (process_ < 0) fail("fork");
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // Never outlives the one who audits it.
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execv("/proc/self/exe", argv.data());
    _exit(127);
  }
  close(ends[1]);
  output_ = ends[0];
}

Child::~Child() {
  if (process_ > 0) kill();
  close(output_);
}

std::optional<std::string> Child::read_line(int timeout_ms) {
  while (true) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd waiting{output_, POLLIN, 0};
    if (has_closed_ || poll(&waiting, 1, timeout_ms) <= 0) return std::nullopt;
    char bytes[4096];
    const ssize_t count = read(output_, bytes, sizeof bytes);
    if (count <= 0) {
      has_closed_ = true;
      return std::nullopt;
    }
    buffer_.append(bytes, static_cast<std::size_t>(count));
  }
}

void Child::signal(int number) { ::kill(process_, number); }

void Child::kill() {
  ::kill(process_, SIGKILL);
  wait();
}

int Child::wait() {
  int status = 0;
  waitpid(std::exchange(process_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace weir::crash
