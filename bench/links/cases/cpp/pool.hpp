// A fixed number of threads that take jobs from one queue.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

class Pool {
public:
	explicit Pool(int threads)
	{
		for (int i = 0; i < threads; i++)
			std::thread([this] { work(); }).detach();
	}

	void submit(std::function<void()> job)
	{
		{
			std::lock_guard<std::mutex> guard(lock);
			jobs.push_back(std::move(job));
		}
		waiting.notify_one();
	}

private:
	void work()
	{
		for (;;) {
			std::unique_lock<std::mutex> guard(lock);
			waiting.wait(guard, [this] { return !jobs.empty(); });
			std::function<void()> job = std::move(jobs.front());
			jobs.pop_front();
			guard.unlock();
			job();
		}
	}

	std::mutex lock;
	std::condition_variable waiting;
	std::deque<std::function<void()>> jobs;
};
