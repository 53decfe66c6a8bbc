// Labelled and recorded calls over a pool of kept connections.
#pragma once

#include <fcntl.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "http.hpp"

// The label of a request's n-th call: the same number, another last character.
inline std::string call_label(const std::string &label, int call)
{
	return label.substr(0, label.size() - 1) + "0123456789abcdefghijklmnopqrstuvwxyz"[call];
}

class Records {
public:
	Records() : fd(open((std::getenv("RECORDS") + std::string("/calls-cpp")).c_str(),
			    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {}

	void write(const std::string &label)
	{
		std::string line = label + "\n";
		if (::write(fd, line.data(), line.size()) < 0)
			perror("record");
	}

private:
	int fd;
};

// A program works a little before it calls: another request may have come by then.
inline void think()
{
	static thread_local std::minstd_rand random{std::random_device{}()};
	std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
}

class Upstream {
public:
	explicit Upstream(int port) : port(port) {}

	void get(const std::string &path, const std::string &label)
	{
		get_pipelined(path, {label});
	}

	// Writes all requests of one connection before the first answer is read.
	void get_pipelined(const std::string &path, const std::vector<std::string> &labels)
	{
		think();
		std::unique_ptr<Reader> connection = take();
		for (const std::string &label : labels) {
			records.write(label);
			write_all(connection->fd, "GET " + path + " HTTP/1.1\r\nhost: b\r\nx-label: " + label + "\r\n\r\n");
		}
		for (size_t i = 0; i < labels.size(); i++)
			if (!connection->response())
				throw std::runtime_error("no answer");
		std::lock_guard<std::mutex> guard(lock);
		idle.push_back(std::move(connection));
	}

private:
	std::unique_ptr<Reader> take()
	{
		{
			std::lock_guard<std::mutex> guard(lock);
			if (!idle.empty()) {
				std::unique_ptr<Reader> connection = std::move(idle.back());
				idle.pop_back();
				return connection;
			}
		}
		return std::make_unique<Reader>(connect_to(port));
	}

	const int port;
	Records records;
	std::mutex lock;
	std::vector<std::unique_ptr<Reader>> idle;
};
