// Coroutines of the one io_context thread.
//
// A task is a straight line of I/O; decisions live in pure functions and classes. Two rules keep g++ 12 from destroying
// temporaries twice (GCC bug 107288): a line with co_await holds no '{', no '?:' and no capturing lambda, arguments of
// class type are named on the line above, and a condition names its awaited value first: g++ 12 loses its place in
// `if (co_await a()) co_return error(...);`. tests/lint checks it.
//
// A coroutine's frame holds its parameters, so a reference must outlive the task. A task that is awaited on the line
// that makes it may refer to what its caller holds. One that is given to spawn() or co_spawn() takes values, or
// references to objects that outlive the io_context's run.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>

#include "mooring/base/error.hpp"
#include "mooring/base/log.hpp"

namespace mooring {

namespace asio = boost::asio;
using boost::system::error_code;

template <class T>
using task = asio::awaitable<T>;

// auto [ec, n] = co_await socket.async_read_some(buffer, nothrow);
inline constexpr auto nothrow = asio::as_tuple(asio::use_awaitable);

// The only way to start a task of its own. An exception that leaves it is a bug: it is logged under `name` and thrown
// on through io_context::run(), which ends the process; systemd starts it again.
void spawn(const asio::any_io_executor& executor, const logger& log, std::string name, task<void> body);

}  // namespace mooring
