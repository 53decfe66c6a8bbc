/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From a finished call to a message record. */
#pragma once

#include "connection.h"
#include "events.h"
#include "gather.h"
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

static __always_inline int emit_length_only(const struct message_record *message)
{
	struct message_record *record = reserve(sizeof(*record));

	if (!record)
		return 0;
	finish(record, message, 0, 0);
	submit(record);
	return 0;
}

static __always_inline int emit_small(const struct message_record *message, __u64 base)
{
	struct small_message *record = reserve(sizeof(*record));
	const __u32 length = message->length;
	bool copied;

	if (!record)
		return 0;
	copied = copy_user(record->payload, length, SMALL_WHOLE, base);
	finish(&record->record, message, copied ? length : 0, 0);
	submit(record);
	return 0;
}

static __always_inline int emit_medium(const struct message_record *message, __u64 base)
{
	struct medium_message *record = reserve(sizeof(*record));
	__u32 head = message->length, tail = 0;

	if (!record)
		return 0;
	if (head <= WHOLE) {
		if (!copy_user(record->payload, head, WHOLE, base))
			head = 0;
	} else {
		head = bpf_probe_read_user(record->payload, HEAD, (void *)base) ? 0 : HEAD;
		if (head && !bpf_probe_read_user(record->payload + HEAD, TAIL, (void *)(base + message->length - TAIL)))
			tail = TAIL;
	}
	finish(&record->record, message, head, tail);
	submit(record);
	return 0;
}

static __always_inline int emit_large(const struct message_record *message, __u64 base)
{
	struct large_message *record = reserve(sizeof(*record));
	__u32 head = message->length, tail = 0;

	if (!record)
		return 0;
	if (head <= HTTP_WHOLE) {
		if (!copy_user(record->payload, head, HTTP_WHOLE, base))
			head = 0;
	} else {
		head = bpf_probe_read_user(record->payload, HTTP_HEAD, (void *)base) ? 0 : HTTP_HEAD;
		if (head &&
		    !bpf_probe_read_user(record->payload + HTTP_HEAD, TAIL, (void *)(base + message->length - TAIL)))
			tail = TAIL;
	}
	finish(&record->record, message, head, tail);
	submit(record);
	return 0;
}

/* The message lies in one buffer: straight from there into the ring. */
static __always_inline int emit_contiguous(const struct message_record *message, __u64 base)
{
	if (message->length <= SMALL_WHOLE)
		return emit_small(message, base);
	if (message->length > WHOLE && user_begins_like_http(base, message->length))
		return emit_large(message, base);
	return emit_medium(message, base);
}

/* A position of 64 bits out of a sequence number of 32: a counter that is never far from it gives the rest. */
static __always_inline __u64 stream_offset(__u32 seq, __u32 isn, __u64 near)
{
	const __u32 offset = seq - isn - 1;

	return near + (__s32)(offset - (__u32)near);
}

/* `seq` is the sequence number of the first byte moved. */
static __always_inline int emit_message(struct task_struct *task, struct sock *sk, const struct tcp_sock *tcp,
					enum direction direction, __u32 seq, __u32 length, __u64 begin, bool readable)
{
	struct socket_state *socket = use_socket(sk, tcp, task);
	struct message_record message = {};
	struct user_buffers buffers;

	if (!socket)
		return 0;
	message.header.type = RECORD_MESSAGE;
	message.header.at = bpf_ktime_get_ns();
	message.begin = begin ? begin : message.header.at;
	fill_task(&message.task, task);
	message.socket = socket->id;
	message.direction = direction;
	message.length = length;
	message.retransmits = tcp->total_retrans;
	if (direction == DIRECTION_SEND) {
		message.offset = stream_offset(seq, socket->id.local_isn, tcp->bytes_acked);
	} else {
		message.offset = stream_offset(seq, socket->id.remote_isn, tcp->bytes_received);
		message.arrival = socket->arrival;
		/* What is left to read came at some time up to now. */
		socket->arrival = seq + length == tcp->rcv_nxt ? 0 : message.header.at;
	}
	if (!readable || !find_user_buffers(task, sk, direction, &buffers))
		return emit_length_only(&message);
	if (buffers.buffer[0].iov_len >= length)
		return emit_contiguous(&message, buffers.buffer[0].iov_base);
	return emit_gathered(&message, &buffers);
}
