/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From a finished call to a message record. */
#pragma once

#include "connection.h"
#include "events.h"
#include "gather.h"
#include "moved.h"
#include "payload.h"
#include "ring.h"
#include "user_buffers.h"

struct small_message {
	struct message_record record;
	__u8 payload[SMALL_WHOLE];
};

struct medium_message {
	struct message_record record;
	__u8 payload[WHOLE];
};

struct large_message {
	struct message_record record;
	__u8 payload[HTTP_WHOLE];
};

static __always_inline int emit_length_only(const struct moved *moved)
{
	struct message_record *record = reserve(sizeof(*record));

	if (!record)
		return 0;
	fill_message(record, moved, 0, 0);
	submit(record);
	return 0;
}

static __always_inline int emit_small(const struct moved *moved, __u64 base)
{
	struct small_message *record = reserve(sizeof(*record));
	const __u32 length = moved->length;
	bool copied;

	if (!record)
		return 0;
	copied = copy_user(record->payload, length, SMALL_WHOLE, base);
	fill_message(&record->record, moved, copied ? length : 0, 0);
	submit(record);
	return 0;
}

static __always_inline int emit_medium(const struct moved *moved, __u64 base)
{
	struct medium_message *record = reserve(sizeof(*record));
	__u32 head = moved->length, tail = 0;

	if (!record)
		return 0;
	if (head <= WHOLE) {
		if (!copy_user(record->payload, head, WHOLE, base))
			head = 0;
	} else {
		head = copy_user(record->payload, HEAD, HEAD, base) ? HEAD : 0;
		if (head && copy_user(record->payload + HEAD, TAIL, TAIL, base + moved->length - TAIL))
			tail = TAIL;
	}
	fill_message(&record->record, moved, head, tail);
	submit(record);
	return 0;
}

static __always_inline int emit_large(const struct moved *moved, __u64 base)
{
	struct large_message *record = reserve(sizeof(*record));
	__u32 head = moved->length, tail = 0;

	if (!record)
		return 0;
	if (head <= HTTP_WHOLE) {
		if (!copy_user(record->payload, head, HTTP_WHOLE, base))
			head = 0;
	} else {
		head = copy_user(record->payload, HTTP_HEAD, HTTP_HEAD, base) ? HTTP_HEAD : 0;
		if (head && copy_user(record->payload + HTTP_HEAD, TAIL, TAIL, base + moved->length - TAIL))
			tail = TAIL;
	}
	fill_message(&record->record, moved, head, tail);
	submit(record);
	return 0;
}

/* The message lies in one buffer. */
static __always_inline int emit_contiguous(const struct moved *moved, __u64 base)
{
	if (moved->length <= SMALL_WHOLE)
		return emit_small(moved, base);
	if (moved->length > WHOLE && user_begins_like_http(base, moved->length))
		return emit_large(moved, base);
	return emit_medium(moved, base);
}

/* A read found that nothing more will come. */
static __always_inline int emit_read_out(struct task_struct *task, struct sock *sk, const struct tcp_sock *tcp)
{
	struct socket_state *socket = bpf_sk_storage_get(&socket_states, sk, NULL, 0);
	struct moved moved = {
		.task = task,
		.tcp = tcp,
		.socket = socket,
		.direction = DIRECTION_RECEIVE,
	};

	if (!socket || !socket->established || socket->read_out)
		return 0;
	socket->read_out = 1;
	moved.begin = moved.end = moved.arrival = bpf_ktime_get_ns();
	moved.offset = stream_offset(first_read(sk, tcp, 0), socket->id.remote_isn, tcp->bytes_received);
	return emit_length_only(&moved);
}

/* `seq` is the sequence number of the first byte moved; a time of 0 is now. */
static __always_inline int emit_message(struct task_struct *task, struct sock *sk, const struct tcp_sock *tcp,
					enum direction direction, __u32 seq, __u32 length, __u64 begin, __u64 end,
					bool readable)
{
	struct socket_state *socket = use_socket(sk, tcp, task);
	struct user_buffers buffers;
	struct moved moved = {
		.task = task,
		.tcp = tcp,
		.direction = direction,
		.length = length,
		.end = end ? end : bpf_ktime_get_ns(),
	};

	if (!socket)
		return 0;
	moved.socket = socket;
	moved.begin = begin ? begin : moved.end;
	if (direction == DIRECTION_SEND) {
		moved.offset = stream_offset(seq, socket->id.local_isn, tcp->bytes_acked);
	} else {
		moved.offset = stream_offset(seq, socket->id.remote_isn, tcp->bytes_received);
		moved.arrival = socket->arrival;
		/* What is left to read came at some time up to now. */
		socket->arrival = seq + length == tcp->rcv_nxt ? 0 : moved.end;
	}
	if (!readable || !find_user_buffers(task, sk, direction, &buffers))
		return emit_length_only(&moved);
	if (buffers.buffer[0].iov_len >= length)
		return emit_contiguous(&moved, buffers.buffer[0].iov_base);
	return emit_gathered(&moved, &buffers);
}
