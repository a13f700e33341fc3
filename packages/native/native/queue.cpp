#include "halyard/queue.h"

#include <string>

#include "halyard/spin.h"

namespace halyard {
namespace {

/// A thread that has just worked looks for more this long before it sleeps: waking it costs some 7 µs, and who awaits
/// each result has the next work within this time. It yields meanwhile, for whom it woke may need this very core.
constexpr std::int64_t look_nanoseconds = 100'000;

Error closed_error() {
  return {"destroyed", "work for a queue that is closed", "an open device", "Create a new context."};
}

template <typename Visit>
bool visit_reads(const Command& command, Visit visit) {
  if (!command.table) {
    for (const Span& span : command.reads)
      if (!visit(span)) return false;
    return true;
  }
  const auto& bindings = command.table->executable->program().bindings;
  for (std::size_t i = 0; i < bindings.size(); i++)
    if (bindings[i].role != Role::output && command.table->spans[i].region && !visit(command.table->spans[i]))
      return false;
  for (const Span& span : command.table->packed)
    if (!visit(span)) return false;
  return true;
}

template <typename Visit>
void visit_writes(const Command& command, Visit visit) {
  if (!command.table) {
    for (const Span& span : command.writes) visit(span);
    return;
  }
  const auto& bindings = command.table->executable->program().bindings;
  for (std::size_t i = 0; i < bindings.size(); i++)
    if ((bindings[i].role == Role::output || bindings[i].role == Role::state) && command.table->spans[i].region)
      visit(command.table->spans[i]);
}

}  // namespace

Queue::Queue(std::shared_ptr<Backend> backend, QueueKind kind, LossNoticePointer loss)
    : backend_(std::move(backend)),
      loss_(std::move(loss)),
      stream_(backend_->stream(kind)),
      thread_([this] { loop(); }) {}

Queue::~Queue() { finish(); }

TokenPointer Queue::submit(Command command) {
  auto token = std::make_shared<Token>();
  command.token = token;
  {
    std::lock_guard lock(mutex_);
    if (!closed_) {
      commands_.push_back(std::move(command));
      submitted_.fetch_add(1, std::memory_order_release);
      arrived_.notify_one();
      return token;
    }
  }
  token->complete(closed_error(), 0);
  return token;
}

void Queue::seal() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  arrived_.notify_one();
}

void Queue::finish() {
  seal();
  join();
}

void Queue::abandon() {
  abandoned_.store(true, std::memory_order_release);
  finish();
}

void Queue::join() {
  std::lock_guard lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
  if (completion_thread_.joinable()) {
    {
      std::lock_guard inner(completion_mutex_);
      completions_closed_ = true;
      completion_arrived_.notify_one();
    }
    completion_thread_.join();
  }
  // What the backend keeps for this queue goes now, and not when JavaScript collects the handle.
  stream_.reset();
  backend_.reset();
}

bool Queue::next(Command& command) {
  const std::int64_t until = now_nanoseconds() + look_nanoseconds;
  while (submitted_.load(std::memory_order_acquire) == taken_ && now_nanoseconds() < until) std::this_thread::yield();
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return closed_ || !commands_.empty(); });
  if (commands_.empty()) return false;
  command = std::move(commands_.front());
  commands_.pop_front();
  taken_++;
  return true;
}

void Queue::loop() {
  Command command;
  while (next(command)) {
    perform(command);
    command = Command{};
  }
}

void Queue::perform(Command& command) {
  Failure failure;
  if (abandoned_.load(std::memory_order_acquire)) failure = closed_error();
  bool on_device = false;
  for (const TokenPointer& before : command.after) {
    if (failure) break;
    failure = wait_for(*before, on_device);
  }
  if (!failure) failure = backend_->lost();
  const bool behind_others = is_behind_others();
  if (!failure && !behind_others && !on_device) failure = check_poison(command);
  const std::int64_t began = now_nanoseconds();
  if (!failure) failure = command.work(*stream_);
  if (!failure) failure = backend_->lost();
  std::shared_ptr<Completion> completion = failure ? nullptr : stream_->record();
  // A device that was lost meanwhile gives nothing to wait for either.
  if (!failure && !completion) failure = backend_->lost();
  if (!completion && !behind_others) {
    if (!failure && on_device) failure = check_before(command);
    settle(command, std::move(failure), began);
    return;
  }
  command.work = nullptr;
  if (completion) command.token->begin(completion);
  push({std::move(completion), std::move(command), std::move(failure), began});
}

Failure Queue::wait_for(const Token& before, bool& on_device) {
  std::shared_ptr<Completion> completion = before.wait_until_under_way();
  if (completion && stream_->wait_for(*completion)) {
    on_device = true;
    return std::nullopt;
  }
  before.wait();
  return before.error() != nullptr ? Failure(*before.error()) : std::nullopt;
}

bool Queue::is_behind_others() {
  if (!completion_thread_.joinable()) return false;
  std::lock_guard lock(completion_mutex_);
  return !completions_.empty();
}

void Queue::push(Pending pending) {
  if (!completion_thread_.joinable()) completion_thread_ = std::thread([this] { completion_loop(); });
  std::lock_guard lock(completion_mutex_);
  completions_.push_back(std::move(pending));
  completion_arrived_.notify_one();
}

void Queue::completion_loop() {
  std::int64_t last_end = 0;
  for (;;) {
    std::unique_lock lock(completion_mutex_);
    completion_arrived_.wait(lock, [this] { return completions_closed_ || !completions_.empty(); });
    if (completions_.empty()) return;
    // Stays in the list until it is settled, so that nothing overtakes it.
    Pending& pending = completions_.front();
    lock.unlock();
    Failure failure = std::move(pending.failure);
    if (!failure && pending.completion) failure = pending.completion->wait();
    pending.completion.reset();
    if (!failure) failure = check_before(pending.command);
    // Work in order takes no longer than from the end of what was before it.
    const std::int64_t began = pending.began > last_end ? pending.began : last_end;
    last_end = now_nanoseconds();
    settle(pending.command, std::move(failure), began);
    lock.lock();
    completions_.pop_front();
  }
}

/// What could not be known when the command was handed to the device.
Failure Queue::check_before(const Command& command) const {
  for (const TokenPointer& before : command.after) {
    before->wait();
    if (const Error* error = before->error()) return *error;
  }
  return check_poison(command);
}

Failure Queue::check_poison(const Command& command) const {
  bool sound = visit_reads(command, [](const Span& span) {
    return !span.region->is_poisoned(span.offset, span.offset + span.bytes);
  });
  if (sound) return std::nullopt;
  return Error{"poisoned", "memory that a failed run should have written", "memory that was written since",
               "Write the tensor anew, or run again what computes it."};
}

void Queue::settle(Command& command, Failure failure, std::int64_t began) const {
  if (!failure) {
    visit_reads(command, [&failure](const Span& span) {
      failure = span.region->health();
      return !failure;
    });
  }
  visit_writes(command, [&failure](const Span& span) {
    if (failure)
      span.region->poison(span.offset, span.offset + span.bytes);
    else
      span.region->cleanse(span.offset, span.offset + span.bytes);
  });
  if (failure)
    if (Failure loss = backend_->lost()) loss_->tell(*loss);
  // What the command held goes before anybody hears that it is done.
  TokenPointer token = std::move(command.token);
  command = Command{};
  token->complete(std::move(failure), now_nanoseconds() - began);
}

}  // namespace halyard
