#include "postgres/pg_session.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/row_id.h"

namespace xion::pg {
namespace {

// Types by the server's catalogue, which are the same everywhere.
constexpr std::int32_t bytea_type = 17, int8_type = 20;
constexpr int binary = 1;

void add_number(std::string& to, std::int32_t value) { to += BigEndian(static_cast<std::uint32_t>(value)).view(); }

/// One dimension that begins at 1. Source: array_recv of the server.
void begin_array(std::string& to, std::size_t size, std::int32_t type, bool has_null) {
  add_number(to, size == 0 ? 0 : 1);
  add_number(to, has_null ? 1 : 0);
  add_number(to, type);
  if (size == 0) return;
  add_number(to, static_cast<std::int32_t>(size));
  add_number(to, 1);
}

/// A division by zero (fewer rows than were wanted), a key that is taken, a serialization failure, a deadlock, a lock
/// that did not come free.
bool is_conflict(std::string_view state) {
  constexpr std::array states{"22012", "23505", "40001", "40P01", "55P03"};
  return std::ranges::find(states, state) != states.end();
}

/// Messages of the server end with a line, and may have several.
std::string one_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

Parameter Parameter::number(std::int64_t value) {
  Parameter made;
  made.form_ = BigEndian(static_cast<std::uint64_t>(value)).view();
  return made;
}
Parameter Parameter::octets(std::string_view value) {
  Parameter made;
  made.form_ = value;
  return made;
}
Parameter Parameter::numbers(std::span<const std::int64_t> values) {
  Parameter made;
  begin_array(made.form_, values.size(), int8_type, false);
  for (const std::int64_t value : values) {
    add_number(made.form_, sizeof value);
    made.form_ += BigEndian(static_cast<std::uint64_t>(value)).view();
  }
  return made;
}
Parameter Parameter::octets(const std::vector<std::optional<std::string_view>>& values) {
  Parameter made;
  begin_array(made.form_, values.size(), bytea_type, true);
  for (const auto& value : values) {
    add_number(made.form_, value ? static_cast<std::int32_t>(value->size()) : -1);
    if (value) made.form_ += *value;
  }
  return made;
}

void Result::Clear::operator()(pg_result* result) const { PQclear(result); }
Result::Result(pg_result* result) : result_(result) {}
std::size_t Result::rows() const { return static_cast<std::size_t>(PQntuples(result_.get())); }
std::string_view Result::octets(std::size_t row, int column) const {
  const int at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column), static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
}
std::int64_t Result::number(std::size_t row, int column) const {
  return static_cast<std::int64_t>(from_big_endian<std::uint64_t>(octets(row, column)));
}

// --- a session ------------------------------------------------------------------------------------------------------

void Session::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }
Session::~Session() = default;

/// What stands before the URL is what it leaves open, what stands behind it holds whatever it says. Source: the
/// server's manual, PQconnectdbParams.
std::unique_ptr<Session> Session::open(const Target& target, std::string& why) {
  std::vector<std::pair<const char*, const char*>> said{{"connect_timeout", "3"},
                                                        {"tcp_user_timeout", "5000"},
                                                        {"keepalives_idle", "5"},
                                                        {"target_session_attrs", "read-write"},
                                                        {"application_name", target.use.name},
                                                        {"dbname", target.conninfo.c_str()}};
  if (!target.password.empty()) said.emplace_back("password", target.password.reveal().c_str());
  std::vector<const char*> names, values;
  for (const auto& [name, value] : said) {
    names.push_back(name);
    values.push_back(value);
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  constexpr int expands_url = 1;
  std::unique_ptr<Session> session(
      new Session(PQconnectdbParams(names.data(), values.data(), expands_url), target.patience + target.use.timeout));
  pg_conn* connection = session->connection_.get();
  if (PQstatus(connection) != CONNECTION_OK) {
    why = one_line(PQerrorMessage(connection));
    return nullptr;
  }
  PQsetNoticeReceiver(connection, &Session::on_notice, session.get());
  for (const std::string& text : session_statements(target.schema, target.use)) {
    why = session->run(text);
    if (!why.empty()) return nullptr;
  }
  return session;
}

void Session::on_notice(void* session, const pg_result* result) {
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity != nullptr && std::strcmp(severity, "WARNING") == 0) static_cast<Session*>(session)->was_warned_ = true;
}

bool Session::is_lost() const { return is_given_up_ || PQstatus(connection_.get()) != CONNECTION_OK; }

/// `PQexec` waits for as long as the server takes, which may be for ever where its machine stands still.
Result Session::answer_to(const std::string& text, Millis patience) {
  Result last(nullptr);
  if (is_lost() || PQsendQuery(connection_.get(), text.c_str()) != 1) return last;
  until_ = std::chrono::steady_clock::now() + patience;
  while (pg_result* received = next()) last = Result(received);
  return is_lost() ? Result(nullptr) : std::move(last);
}

std::string Session::run(const std::string& text, std::optional<Millis> patience) {
  const Result result = answer_to(text, patience.value_or(patience_));
  if (result.get() != nullptr) return one_line(PQresultErrorMessage(result.get()));
  const std::string why = lost().text;  // Who closes a connection need not say why.
  return why.empty() ? "the connection is lost" : why;
}

std::string Session::ask(const std::string& text) {
  const Result result = answer_to(text, patience_);
  return result.rows() == 0 ? std::string() : std::string(result.octets(0, 0));
}

std::string Session::server() const {
  const char* host = PQhost(connection_.get());
  const char* port = PQport(connection_.get());
  return std::string(host == nullptr ? "" : host).append(":").append(port == nullptr ? "" : port);
}

void Session::add(const Statement& statement, std::vector<Parameter> parameters) {
  added_.emplace_back(statement, std::move(parameters));
}

Failure Session::lost() const {
  const bool is_silent = is_given_up_ && PQstatus(connection_.get()) == CONNECTION_OK;
  return {Failure::Kind::lost, 0, is_silent ? "no answer came in time" : one_line(PQerrorMessage(connection_.get()))};
}

pg_result* Session::next() {
  pg_conn* connection = connection_.get();
  while (!is_given_up_ && PQstatus(connection) == CONNECTION_OK && PQisBusy(connection) == 1) {
    const auto left = std::chrono::ceil<Millis>(until_ - std::chrono::steady_clock::now());
    pollfd readable{PQsocket(connection), POLLIN, 0};
    const int ready = ::poll(&readable, 1, static_cast<int>(std::max(left, Millis{0}).count()));
    is_given_up_ = ready == 0 || (ready > 0 && PQconsumeInput(connection) != 1);
  }
  return is_given_up_ ? nullptr : PQgetResult(connection);
}

bool Session::queue(const Statement& statement, const std::vector<Parameter>& parameters) {
  pg_conn* connection = connection_.get();
  const bool is_prepared =
      prepared_.contains(statement.name) || std::ranges::find(preparing_, statement.name) != preparing_.end();
  if (!is_prepared) {
    if (PQsendPrepare(connection, statement.name.c_str(), statement.text.c_str(), 0, nullptr) != 1) return false;
    sent_.push_back(Sent::prepare);
    preparing_.push_back(statement.name);
  }
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (const Parameter& parameter : parameters) {
    values.push_back(parameter.form().data());
    lengths.push_back(static_cast<int>(parameter.form().size()));
  }
  const std::vector<int> formats(parameters.size(), binary);
  sent_.push_back(Sent::statement);
  return PQsendQueryPrepared(connection, statement.name.c_str(), static_cast<int>(parameters.size()), values.data(),
                             lengths.data(), formats.data(), binary) == 1;
}

Session::Outcome Session::send(bool in_transaction) {
  pg_conn* connection = connection_.get();
  sent_.clear();
  preparing_.clear();
  was_warned_ = false;
  const auto added = std::exchange(added_, {});
  const auto say = [&](const char* text, Sent what) {
    sent_.push_back(what);
    return PQsendQueryParams(connection, text, 0, nullptr, nullptr, nullptr, nullptr, binary) == 1;
  };
  bool is_sent = PQenterPipelineMode(connection) == 1;
  if (in_transaction) is_sent = is_sent && say("BEGIN", Sent::begin);
  for (const auto& [statement, parameters] : added) is_sent = is_sent && queue(statement, parameters);
  if (in_transaction) is_sent = is_sent && say("COMMIT", Sent::commit);
  is_sent = is_sent && PQpipelineSync(connection) == 1;
  if (!is_sent) return {{}, lost()};
  until_ = std::chrono::steady_clock::now() + patience_;
  return collect(in_transaction);
}

/// After the first that fails the server passes over all others, and their results say so.
Session::Outcome Session::collect(bool in_transaction) {
  pg_conn* connection = connection_.get();
  Outcome outcome;
  std::size_t statements = 0;
  for (const Sent sent : sent_) {
    pg_result* received = next();
    if (received == nullptr) return {{}, lost()};
    Result result(received);
    const ExecStatusType status = PQresultStatus(received);
    const bool is_done = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (!is_done && status != PGRES_PIPELINE_ABORTED && !outcome.failure) {
      const char* state = PQresultErrorField(received, PG_DIAG_SQLSTATE);
      if (state == nullptr || is_lost()) return {{}, lost()};
      outcome.failure = Failure{is_conflict(state) ? Failure::Kind::conflict : Failure::Kind::refused, statements,
                                one_line(PQresultErrorMessage(received)), state};
    }
    if (sent == Sent::statement) {
      ++statements;
      if (is_done) outcome.results.push_back(std::move(result));
    }
    while (pg_result* more = next()) PQclear(more);  // The end of its results.
    if (is_lost()) return {{}, lost()};
  }
  const Result sync(next());
  if (PQexitPipelineMode(connection) != 1 || is_lost()) return {{}, lost()};
  if (!outcome.failure) {
    prepared_.insert(preparing_.begin(), preparing_.end());
    return outcome;
  }
  // Which of them it prepared before it failed nobody need know.
  const bool is_back = !in_transaction || run("ROLLBACK").empty();
  if (!is_back || !run("DEALLOCATE ALL").empty()) return {{}, lost()};
  prepared_.clear();
  return outcome;
}

}  // namespace xion::pg
