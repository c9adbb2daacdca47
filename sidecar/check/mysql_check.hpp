// Can this node's PHP talk to MySQL or MariaDB: log in afresh, SELECT 1, and is the server writable?
//
// A fresh connection every time, because a kept one says nothing about logins and connection slots. The client library
// blocks, so it runs on one thread of its own; while a former run still hangs there, the check reports that instead of
// queuing another. The password goes to the server and nowhere else. A server with read_only = 1 fails the check: a
// demoted primary answers SELECT 1 happily and breaks every order.
#pragma once

#include <memory>

#include "check.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring::sidecar {

std::unique_ptr<check> make_mysql_check(const mysql_check_settings& config);

// 1040 overload, 1044/1045/1049 configuration, 2002/2003/2005/2006/2013 down, everything else a bad answer.
failure_class class_of_mysql_error(unsigned code);

}  // namespace mooring::sidecar
