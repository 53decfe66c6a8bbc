/*
 * Moves bytes over a TCP connection with itself in ways other than one plain system call a message. Waits for a byte on
 * standard input first, and for another at the end.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char byte;

static void check(long result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
}

static struct io_uring_params params;
static struct io_uring_sqe *sqes;
static char *rings;
static int ring;

static void set_up_ring(void)
{
	check(ring = syscall(SYS_io_uring_setup, 4, &params), "io_uring_setup");
	rings = mmap(NULL, params.sq_off.array + params.sq_entries * 4 + params.cq_off.cqes + 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED, ring, IORING_OFF_SQ_RING);
	sqes = mmap(NULL, params.sq_entries * sizeof(*sqes), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
}

/* Hands one operation over; `wait` says for how many completions to wait. */
static void submit(int operation, int fd, void *data, unsigned length, unsigned wait)
{
	unsigned *tail = (unsigned *)(rings + params.sq_off.tail);
	unsigned index = *tail & (params.sq_entries - 1);

	memset(&sqes[index], 0, sizeof(*sqes));
	sqes[index].opcode = operation;
	sqes[index].fd = fd;
	sqes[index].addr = (unsigned long)data;
	sqes[index].len = length;
	((unsigned *)(rings + params.sq_off.array))[index] = index;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	check(syscall(SYS_io_uring_enter, ring, 1, wait, wait ? IORING_ENTER_GETEVENTS : 0, NULL, 0), "io_uring_enter");
}

int main(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), server;
	char buffer[256], decoy[] = "not from the socket";
	struct iovec one = {"first", 5}, two = {"second", 6};
	struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &one, .msg_iovlen = 1}},
				      {.msg_hdr = {.msg_iov = &two, .msg_iovlen = 1}}};
	int pipes[2], child;

	check(read(0, &byte, 1), "read");
	check(bind(listener, (void *)&address, size), "bind");
	check(listen(listener, 1), "listen");
	check(getsockname(listener, (void *)&address, &size), "getsockname");
	check(connect(client, (void *)&address, size), "connect");
	check(server = accept(listener, NULL, NULL), "accept");

	check(sendmmsg(client, messages, 2, 0), "sendmmsg");
	check(recv(server, buffer, 11, MSG_WAITALL), "recv");

	set_up_ring();
	submit(IORING_OP_SEND, client, "by io_uring", 11, 1);
	check(recv(server, buffer, 11, MSG_WAITALL), "recv");
	check(write(client, "by write", 8), "write");
	check(recv(server, buffer, 8, MSG_WAITALL), "recv");

	/*
	 * This receive has to wait. Its data comes from a child while this task sits in a read of a pipe: the kernel breaks
	 * the read off, receives on the way out of it, and starts it again. Its buffer, the decoy, has nothing to do with it.
	 */
	check(pipe(pipes), "pipe");
	submit(IORING_OP_RECV, server, buffer, sizeof(buffer), 0);
	check(child = fork(), "fork");
	if (child == 0) {
		usleep(50000);
		check(write(client, "while reading", 13), "write");
		usleep(50000);
		check(write(pipes[1], "x", 1), "write");
		_exit(0);
	}
	check(read(pipes[0], decoy, sizeof(decoy)), "read");
	check(waitpid(child, NULL, 0), "waitpid");

	check(send(client, "the end", 7, 0), "send");
	check(recv(server, buffer, 7, MSG_WAITALL), "recv");
	printf("done\n");
	fflush(stdout);
	return read(0, &byte, 1) < 0;
}
