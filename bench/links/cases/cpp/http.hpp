// As much HTTP as the C++ programs of the benchmark need: requests without bodies, answers with a length.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

inline const std::string OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

struct Request {
	std::string path;
	std::string label;
};

inline int port_of(const char *variable) { return std::atoi(std::getenv(variable)); }

inline void no_delay(int fd)
{
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

inline sockaddr_in local(int port)
{
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_port = htons(port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

inline int listen_on(int port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	sockaddr_in address = local(port);
	if (bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) || listen(fd, 1024))
		throw std::runtime_error("cannot listen");
	return fd;
}

inline int connect_to(int port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	sockaddr_in address = local(port);
	if (connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof address))
		throw std::runtime_error("cannot connect");
	no_delay(fd);
	return fd;
}

inline void write_all(int fd, const std::string &text)
{
	for (size_t at = 0; at < text.size();) {
		ssize_t n = send(fd, text.data() + at, text.size() - at, MSG_NOSIGNAL);
		if (n < 0)
			return;
		at += n;
	}
}

// Takes messages off a connection one after the other; what was read beyond one is kept for the next.
class Reader {
public:
	explicit Reader(int fd) : fd(fd) {}

	// False when the peer has closed the connection.
	bool request(Request &request)
	{
		size_t end;
		while ((end = kept.find("\r\n\r\n")) == std::string::npos)
			if (!more())
				return false;
		size_t path = kept.find(' ') + 1;
		request.path = kept.substr(path, kept.find(' ', path) - path);
		size_t label = kept.find("x-label: ");
		request.label = label < end ? kept.substr(label + 9, 12) : "";
		kept.erase(0, end + 4);
		return true;
	}

	// One answer of which the body has 2 bytes.
	bool response()
	{
		size_t end;
		while ((end = kept.find("\r\n\r\n")) == std::string::npos || kept.size() < end + 6)
			if (!more())
				return false;
		kept.erase(0, end + 6);
		return true;
	}

	// Reads what there is; false at the end.
	bool more()
	{
		char buffer[8192];
		ssize_t n = recv(fd, buffer, sizeof buffer, 0);
		if (n <= 0)
			return false;
		kept.append(buffer, n);
		return true;
	}

	const int fd;

private:
	std::string kept;
};
