#include "mysql_check.hpp"

#include <mysql.h>

#include <atomic>
#include <string_view>

#include "mooring/net/blocking.hpp"

namespace mooring::sidecar {
namespace {

struct close_connection {
  void operator()(MYSQL* connection) const { mysql_close(connection); }
};
using connection_ptr = std::unique_ptr<MYSQL, close_connection>;

struct free_rows {
  void operator()(MYSQL_RES* rows) const { mysql_free_result(rows); }
};
using rows_ptr = std::unique_ptr<MYSQL_RES, free_rows>;

const char* null_if_empty(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

std::string place_of(const mysql_check_settings& c) {
  return c.socket.empty() ? c.host + ":" + std::to_string(c.port) : c.socket;
}

std::string remedy_for(failure_class why) {
  switch (why) {
    case failure_class::overload:
      return "; raise max_connections or find who holds the connections";
    case failure_class::configuration:
      return "; correct [checks.mysql] or the grants of its user";
    default:
      return "";
  }
}

outcome failure_of(MYSQL* connection, const mysql_check_settings& c, const char* what) {
  const unsigned code = mysql_errno(connection);
  const failure_class why = class_of_mysql_error(code);
  return outcome::failed(why, std::string(what) + " " + place_of(c) + ": " + mysql_error(connection) + " (" +
                                  std::to_string(code) + ")" + remedy_for(why));
}

void set_options(MYSQL* connection, const mysql_check_settings& c) {
  // The library counts whole seconds only; the scheduler's deadline is the exact one.
  const auto limit = static_cast<unsigned>(std::chrono::ceil<std::chrono::seconds>(c.timeout).count());
  mysql_optionsv(connection, MYSQL_OPT_CONNECT_TIMEOUT, &limit);
  mysql_optionsv(connection, MYSQL_OPT_READ_TIMEOUT, &limit);
  mysql_optionsv(connection, MYSQL_OPT_WRITE_TIMEOUT, &limit);
  const unsigned no_local_files = 0;
  mysql_optionsv(connection, MYSQL_OPT_LOCAL_INFILE, &no_local_files);
  mysql_optionsv(connection, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "mooring-sidecar");
}

outcome ask(const mysql_check_settings& c) {
  const connection_ptr connection(mysql_init(nullptr));
  if (!connection) return outcome::failed(failure_class::bad_answer, "the MySQL client library has no memory");
  set_options(connection.get(), c);
  if (mysql_real_connect(connection.get(), null_if_empty(c.socket.empty() ? c.host : ""), null_if_empty(c.user),
                         null_if_empty(c.password), null_if_empty(c.database), static_cast<unsigned>(c.port),
                         null_if_empty(c.socket), 0) == nullptr)
    return failure_of(connection.get(), c, "cannot log in to");
  constexpr std::string_view query = "SELECT 1, @@global.read_only";
  if (mysql_real_query(connection.get(), query.data(), query.size()) != 0)
    return failure_of(connection.get(), c, "SELECT 1 failed on");
  const rows_ptr rows(mysql_store_result(connection.get()));
  if (!rows) return failure_of(connection.get(), c, "SELECT 1 failed on");
  const MYSQL_ROW row = mysql_fetch_row(rows.get());
  if (row == nullptr || mysql_num_fields(rows.get()) != 2 || row[0] == nullptr || row[1] == nullptr)
    return outcome::failed(failure_class::bad_answer, "SELECT 1 on " + place_of(c) + " gave no row");
  const std::string_view read_only = row[1];
  if (read_only != "0" && read_only != "OFF")
    return outcome::failed(
        failure_class::read_only,
        place_of(c) + " is read_only: it takes no orders; connect to the primary or promote this one");
  return outcome::fine();
}

class mysql_check final : public check {
 public:
  explicit mysql_check(const mysql_check_settings& config) : config_(config) {}

  const std::string& name() const override { return name_; }
  bool hangs() const override { return busy_; }

  task<outcome> probe(steady_time) override {
    if (busy_.exchange(true))
      co_return outcome::failed(failure_class::timed_out,
                                "previous probe still hangs in " + place_of(config_) + "; no new one is started");
    const auto work = [this]() -> result<outcome> {
      outcome found = ask(config_);
      busy_ = false;
      return found;
    };
    auto found = co_await run_blocking(thread_, work);
    if (!found) co_return outcome::failed(failure_class::timed_out, found.error().detail());
    co_return *std::move(found);
  }

 private:
  std::string name_ = "mysql";
  mysql_check_settings config_;
  std::atomic<bool> busy_ = false;  // from the start of a run until its thread is free again
  asio::thread_pool thread_{1};     // last: joined before what its work uses goes away
};

}  // namespace

std::unique_ptr<check> make_mysql_check(const mysql_check_settings& config) {
  return std::make_unique<mysql_check>(config);
}

failure_class class_of_mysql_error(unsigned code) {
  switch (code) {
    case 1040:  // ER_CON_COUNT_ERROR: too many connections
      return failure_class::overload;
    case 1044:  // ER_DBACCESS_DENIED_ERROR
    case 1045:  // ER_ACCESS_DENIED_ERROR
    case 1049:  // ER_BAD_DB_ERROR
      return failure_class::configuration;
    case 2002:  // CR_CONNECTION_ERROR, on a unix socket and, in MariaDB's library, on TCP too
    case 2003:  // CR_CONN_HOST_ERROR
    case 2005:  // CR_UNKNOWN_HOST
    case 2006:  // CR_SERVER_GONE_ERROR
    case 2013:  // CR_SERVER_LOST
      return failure_class::down;
    default:
      return failure_class::bad_answer;
  }
}

}  // namespace mooring::sidecar
