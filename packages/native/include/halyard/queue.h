#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "halyard/backend.h"
#include "halyard/loss_notice.h"
#include "halyard/token.h"

namespace halyard {

/// One thing to do, with the memory it reads and writes (for poison) and the tokens it waits for.
struct Command {
  std::function<Failure(Stream&)> work;
  std::vector<Span> reads;
  std::vector<Span> writes;
  /// Of a run, instead of `reads` and `writes`.
  std::shared_ptr<const BindingTable> table;
  std::vector<TokenPointer> after;
  TokenPointer token;
};

/// Work in order on a thread of its own. Errors travel along `after` alone; nothing submitted is cancelled, except that
/// `abandon` (the environment is going away) fails what has not begun.
///
/// On a device that works by itself a command is handed over while those before it are under way. What they leave behind
/// (an error along `after`, poisoned memory) is then seen when the command is settled, in order, on a second thread.
class Queue {
 public:
  Queue(std::shared_ptr<Backend> backend, QueueKind kind, LossNoticePointer loss);
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  /// Never waits. After `seal` or `finish` the token fails with `destroyed`.
  TokenPointer submit(Command command);
  /// From now on `submit` fails; what was submitted goes on.
  void seal();
  /// Lets everything submitted come to its end and joins the threads. Safe to call twice.
  void finish();
  /// As `finish`, but fails what has not begun.
  void abandon();

 private:
  struct Pending {
    /// Null for a command that failed at once, behind others that are under way.
    std::shared_ptr<Completion> completion;
    Command command;
    Failure failure;
    std::int64_t began;
  };

  void loop();
  void completion_loop();
  bool next(Command& command);
  void perform(Command& command);
  /// Has a command wait for a token: on the device where that can be, else here.
  Failure wait_for(const Token& before, bool& on_device);
  Failure check_poison(const Command& command) const;
  Failure check_before(const Command& command) const;
  void push(Pending pending);
  bool is_behind_others();
  void settle(Command& command, Failure failure, std::int64_t began) const;
  void join();

  std::shared_ptr<Backend> backend_;
  LossNoticePointer loss_;
  std::unique_ptr<Stream> stream_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Command> commands_;
  std::atomic<std::uint64_t> submitted_{0};
  std::uint64_t taken_ = 0;
  bool closed_ = false;
  std::atomic<bool> abandoned_{false};

  std::mutex completion_mutex_;
  std::condition_variable completion_arrived_;
  std::deque<Pending> completions_;
  bool completions_closed_ = false;

  std::mutex join_mutex_;
  std::thread thread_;
  std::thread completion_thread_;
};

}  // namespace halyard
