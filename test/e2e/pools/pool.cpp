// Serves GET /in/LABEL by a call GET /out/LABEL that a thread of a pool makes: PORT UPSTREAM_PORT WORKERS MODE.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

static int upstream_port;

class Pool {
 public:
  explicit Pool(int workers) {
    for (int i = 0; i < workers; i++) std::thread([this] { run(); }).detach();
  }

  void submit(std::function<void()> job) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    ready_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex_);
      ready_.wait(lock, [this] { return !jobs_.empty(); });
      std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
};

static sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void send_all(int fd, const std::string &text) {
  for (size_t sent = 0; sent < text.size();) {
    ssize_t n = send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += n;
  }
}

/** Up to the end of the head; the bodies used here come with it. Empty at the end of the connection. */
static std::string read_head(int fd) {
  std::string text;
  char buffer[4096];
  while (text.find("\r\n\r\n") == std::string::npos) {
    ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
    if (n <= 0) return "";
    text.append(buffer, n);
  }
  return text;
}

static void call(const std::string &label) {
  static thread_local int fd = -1;
  if (fd < 0) {
    sockaddr_in address = loopback(upstream_port);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof(address))) abort();
  }
  send_all(fd, "GET /out/" + label + " HTTP/1.1\r\nHost: upstream\r\n\r\n");
  if (read_head(fd).empty()) {
    close(fd);
    fd = -1;
  }
}

static void answer(int fd) { send_all(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); }

/** One condition for all requests: each end of a job wakes everybody who waits. */
static std::mutex all_mutex;
static std::condition_variable all_done;

static void handle(const std::string &mode, Pool &pool, int fd, const std::string &label) {
  if (mode == "future") {
    auto task = std::make_shared<std::packaged_task<void()>>([label] { call(label); });
    auto done = task->get_future();
    pool.submit([task] { (*task)(); });
    done.get();
    answer(fd);
  } else if (mode == "condition") {
    struct Done {
      std::mutex mutex;
      std::condition_variable condition;
      bool done = false;
    };
    auto state = std::make_shared<Done>();
    pool.submit([state, label] {
      call(label);
      std::lock_guard<std::mutex> lock(state->mutex);
      state->done = true;
      state->condition.notify_one();
    });
    std::unique_lock<std::mutex> lock(state->mutex);
    state->condition.wait(lock, [&] { return state->done; });
    answer(fd);
  } else if (mode == "broadcast") {
    auto done = std::make_shared<bool>(false);
    pool.submit([done, label] {
      call(label);
      std::lock_guard<std::mutex> lock(all_mutex);
      *done = true;
      all_done.notify_all();
    });
    std::unique_lock<std::mutex> lock(all_mutex);
    all_done.wait(lock, [&] { return *done; });
    answer(fd);
  } else if (mode == "async") {
    pool.submit([fd, label] {
      call(label);
      answer(fd);
    });
  } else if (mode == "threads") {
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; i++) threads.emplace_back([label] { call(label); });
    for (auto &thread : threads) thread.join();
    answer(fd);
  } else {
    abort();
  }
}

int main(int, char **argv) {
  upstream_port = atoi(argv[2]);
  static Pool pool(atoi(argv[3]));
  const std::string mode = argv[4];
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  sockaddr_in address = loopback(atoi(argv[1]));
  if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof(address)) || listen(listener, 1024)) abort();
  puts("ready");
  fflush(stdout);
  for (;;) {
    int fd = accept(listener, nullptr, nullptr);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    std::thread([fd, mode] {
      for (;;) {
        std::string head = read_head(fd);
        if (head.empty()) break;
        size_t from = head.find("/in/") + 4;
        handle(mode, pool, fd, head.substr(from, head.find(' ', from) - from));
      }
      close(fd);
    }).detach();
  }
}
