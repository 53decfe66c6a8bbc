// One server in several ways of sharing work between threads; MODE names the way.
#include <sys/epoll.h>

#include <atomic>
#include <chrono>
#include <future>

#include "pool.hpp"
#include "upstream.hpp"

static Upstream upstream(port_of("UPSTREAM"));
static const int THREADS = std::getenv("THREADS") ? std::atoi(std::getenv("THREADS")) : 16;

static void accept_each(int listener, const std::function<void(int)> &serve)
{
	for (;;) {
		int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		no_delay(fd);
		serve(fd);
	}
}

// A thread a connection; `handle` runs on it.
static void thread_per_connection(int listener, const std::function<void(const Request &)> &handle)
{
	accept_each(listener, [&](int fd) {
		std::thread([fd, &handle] {
			Reader connection(fd);
			for (Request request; connection.request(request);) {
				handle(request);
				write_all(fd, OK);
			}
			close(fd);
		}).detach();
	});
}

// Accepts, and waits until connections can be read; `readable` reads and says with `again` when it is to be told anew.
class Poller {
public:
	explicit Poller(int listener) : epoll(epoll_create1(EPOLL_CLOEXEC))
	{
		watch(EPOLL_CTL_ADD, listener, EPOLLIN, nullptr);
		this->listener = listener;
	}

	void run(const std::function<void(Reader *)> &readable)
	{
		for (epoll_event events[64];;) {
			int n = epoll_wait(epoll, events, 64, -1);
			for (int i = 0; i < n; i++)
				if (auto *connection = static_cast<Reader *>(events[i].data.ptr))
					readable(connection);
				else
					take();
		}
	}

	void again(Reader *connection) { watch(EPOLL_CTL_MOD, connection->fd, EPOLLIN | EPOLLONESHOT, connection); }

	static void end(Reader *connection)
	{
		close(connection->fd);
		delete connection;
	}

private:
	void take()
	{
		int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
		if (fd < 0)
			return;
		no_delay(fd);
		watch(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLONESHOT, new Reader(fd));
	}

	void watch(int operation, int fd, uint32_t events, Reader *connection)
	{
		epoll_event event{};
		event.events = events;
		event.data.ptr = connection;
		epoll_ctl(epoll, operation, fd, &event);
	}

	int epoll;
	int listener;
};

// A pool thread reads the request, calls and answers; between requests a connection belongs to no thread.
static void pool(int listener)
{
	Poller poller(listener);
	Pool workers(THREADS);
	poller.run([&](Reader *connection) {
		workers.submit([&poller, connection] {
			Request request;
			if (!connection->request(request))
				return Poller::end(connection);
			upstream.get(request.path, call_label(request.label, 1));
			write_all(connection->fd, OK);
			poller.again(connection);
		});
	});
}

// One thread reads all requests; a pool thread calls and answers.
static void hand_off(int listener)
{
	Poller poller(listener);
	Pool workers(THREADS);
	poller.run([&](Reader *connection) {
		Request request;
		if (!connection->request(request))
			return Poller::end(connection);
		workers.submit([&poller, connection, request] {
			upstream.get(request.path, call_label(request.label, 1));
			write_all(connection->fd, OK);
			poller.again(connection);
		});
	});
}

// One thread reads all requests, another writes all answers; a pool thread calls in between.
static void hand_on(int listener)
{
	Poller poller(listener);
	Pool workers(THREADS);
	Pool writer(1);
	poller.run([&](Reader *connection) {
		Request request;
		if (!connection->request(request))
			return Poller::end(connection);
		workers.submit([&, connection, request] {
			upstream.get(request.path, call_label(request.label, 1));
			writer.submit([&poller, connection] {
				write_all(connection->fd, OK);
				poller.again(connection);
			});
		});
	});
}

// The thread of a connection gives the call to a pool and waits for it.
static void submit(int listener)
{
	Pool workers(THREADS);
	std::atomic<int> background{0};
	if (std::getenv("BACKGROUND"))
		std::thread([&] {
			for (;;) {
				std::this_thread::sleep_for(std::chrono::milliseconds(5));
				char label[16];
				std::snprintf(label, sizeof label, "LBL-b%05d-1", ++background % 100000);
				workers.submit([label = std::string(label)] { upstream.get("/job", label); });
			}
		}).detach();
	thread_per_connection(listener, [&](const Request &request) {
		auto task = std::make_shared<std::packaged_task<void()>>([&request] {
			upstream.get(request.path, call_label(request.label, 1));
		});
		std::future<void> done = task->get_future();
		workers.submit([task] { (*task)(); });
		done.wait();
	});
}

// Eight calls at the same time, each on a thread of its own that is started for it.
static void sub_threads(int listener)
{
	thread_per_connection(listener, [](const Request &request) {
		std::vector<std::thread> threads;
		for (int call = 1; call <= 8; call++)
			threads.emplace_back([&request, call] { upstream.get(request.path, call_label(request.label, call)); });
		for (std::thread &thread : threads)
			thread.join();
	});
}

int main()
{
	int listener = listen_on(port_of("PORT"));
	std::string mode = std::getenv("MODE");
	if (mode == "threads")
		thread_per_connection(listener, [](const Request &request) {
			upstream.get(request.path, call_label(request.label, 1));
		});
	else if (mode == "pipelined")
		thread_per_connection(listener, [](const Request &request) {
			upstream.get_pipelined(request.path, {call_label(request.label, 1), call_label(request.label, 2),
							      call_label(request.label, 3), call_label(request.label, 4)});
		});
	else if (mode == "sub-threads")
		sub_threads(listener);
	else if (mode == "pool")
		pool(listener);
	else if (mode == "hand-off")
		hand_off(listener);
	else if (mode == "hand-on")
		hand_on(listener);
	else if (mode == "submit")
		submit(listener);
	return 1;
}
