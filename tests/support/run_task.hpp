// Runs one task on an io_context to its end and gives its value.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "mooring/net/task.hpp"

namespace mooring::test {

template <class T>
T run_task(asio::io_context& io, task<T> work) {
  std::optional<T> out;
  const auto keep = [&out](std::exception_ptr failure, T value) {
    if (failure) std::rethrow_exception(failure);
    out = std::move(value);
  };
  asio::co_spawn(io, std::move(work), keep);
  io.restart();
  while (!out && io.run_one() > 0) {
  }
  return std::move(out).value();
}

template <class T>
T run_task(task<T> work) {
  asio::io_context io(1);
  return run_task(io, std::move(work));
}

}  // namespace mooring::test
