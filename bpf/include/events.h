/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The event ABI: what the programs put into the ring and src/receiver/ebpf/capture/decode.ts reads.
 *
 * Fixed-width fields, explicit padding, every record a multiple of 8 bytes. Times are CLOCK_MONOTONIC nanoseconds,
 * process and thread starts are nanoseconds since boot, ports are in host order, IPv4 addresses are written as
 * IPv4-mapped IPv6. A change here raises EVENT_ABI_VERSION in layout.ts: recordings hold these records as they are.
 */
#pragma once

enum record_type {
	RECORD_MESSAGE = 1,
	RECORD_CONNECTION = 2,
	RECORD_LISTEN = 3,
	RECORD_EXEC = 4,
	RECORD_FORK = 5,
	RECORD_EXIT = 6,
	RECORD_THREAD_EXIT = 7,
	RECORD_RETRANSMIT = 8,
	RECORD_CONTEXT = 9,
	RECORD_WAKE = 10,
	RECORD_UNIX_ALIVE = 11,
	RECORD_UNIX_SWEPT = 12,
	RECORD_THREAD_START = 13,
};

enum direction {
	DIRECTION_RECEIVE = 0,
	DIRECTION_SEND = 1,
};

enum connection_state {
	CONNECTION_OPENING = 1,
	CONNECTION_ESTABLISHED = 2,
	CONNECTION_CLOSED = 3,
};

enum context_state {
	CONTEXT_BEGUN = 1,
	CONTEXT_ENDED = 2,
};

struct record_header {
	/* Bytes in use, this header included, rounded up to 8; the ring may have reserved more. */
	__u32 size;
	__u8 type;
	__u8 padding[3];
	__u64 at;
};

struct task_id {
	__u64 process_start;
	__u64 thread_start;
	__u32 pid;
	__u32 tid;
};

enum accepted {
	ACCEPTED_NO = 0,
	ACCEPTED_YES = 1,
	ACCEPTED_UNKNOWN = 2,
};

/*
 * The two initial sequence numbers name a connection. A Unix socket has none: two halves of a hash stand for them, in
 * opposite order on its two ends (unix_socket.h). It has no addresses and ports either, but a name, which the record of
 * its connection brings.
 */
struct socket_id {
	__u64 cookie;
	__u32 netns;
	__u32 local_isn;
	__u32 remote_isn;
	__u16 local_port;
	__u16 remote_port;
	__u8 local_address[16];
	__u8 remote_address[16];
	__u8 accepted;
	/* AF_UNIX, or 0 for TCP. */
	__u8 family;
	__u8 padding[6];
};

/*
 * `at` is when the call ended. A receive of no bytes came to the end of the stream, or found the connection broken; it is
 * reported once for a socket. `context` is what the runtime of the process was running on this thread, 0 where that is
 * not known. The head follows, then, without a gap, the tail.
 */
struct message_record {
	struct record_header header;
	struct task_id task;
	struct socket_id socket;
	__u64 begin;
	__u64 arrival;
	__u64 offset;
	__u64 context;
	__u32 length;
	__u32 retransmits;
	__u16 head_length;
	__u16 tail_length;
	__u8 direction;
	/* It is not sure that the other end counts the same offset. */
	__u8 unaligned;
	__u8 padding[2];
};

/*
 * `task` and `context` are those of who opened it or used it first, in every state. The name that a Unix connection was
 * made to follows, as in sockaddr_un.
 */
struct connection_record {
	struct record_header header;
	struct task_id task;
	struct socket_id socket;
	__u64 context;
	/* When the connection was established; 0 where that is not known: a Unix socket, or one older than the capture. */
	__u64 since;
	__u8 state;
	__u8 name_length;
	__u8 padding[6];
};

struct listen_record {
	struct record_header header;
	struct task_id task;
	__u8 address[16];
	__u32 netns;
	__u16 port;
	__u8 padding[2];
};

/* RECORD_EXEC, RECORD_EXIT, RECORD_THREAD_EXIT */
struct process_record {
	struct record_header header;
	struct task_id task;
};

/* RECORD_FORK, and RECORD_THREAD_START: there `child_pid` is the new thread's tid. */
struct fork_record {
	struct record_header header;
	struct task_id task;
	__u64 child_start;
	__u32 child_pid;
	__u8 padding[4];
};

/*
 * An execution context of a runtime (a goroutine) begins, made by `parent`, or has ended. Contexts are named by an
 * address: from a begin on it stands for another one than before. `origin` is what the runtime was asked to run in it
 * (the address of a function), which tells contexts of one kind; 0 where that is not known.
 */
struct context_record {
	struct record_header header;
	struct task_id task;
	__u64 context;
	__u64 parent;
	__u64 origin;
	__u8 state;
	__u8 padding[7];
};

struct retransmit_record {
	struct record_header header;
	struct socket_id socket;
};

/* A Unix socket that a look at all of them has met. */
struct unix_alive_record {
	struct record_header header;
	__u64 cookie;
};

/* The end of that look: there were this many. */
struct unix_swept_record {
	struct record_header header;
	__u64 count;
};

/* `task` woke another thread of its process out of futex(2), which that one had called with `wait_operation`. */
struct wake_record {
	struct record_header header;
	struct task_id task;
	__u64 woken_start;
	__u32 woken_tid;
	__u32 wait_operation;
	/* That wait would have ended by itself at some time. */
	__u8 timed;
	__u8 padding[7];
};
