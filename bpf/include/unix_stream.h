/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Offsets on Unix streams. The kernel counts nothing there, so each end's calls are counted here from the first use by a
 * selected task on. Both ends then give a byte the same offset if they began to count at the same byte. Where they may
 * not have (what was sent before was read by nobody's call that we counted, or the other way round), the end that is
 * in doubt says so until the bytes waiting in the queue show that the two counts agree.
 *
 * Calls are counted when they return. Between the moment the kernel moves the bytes and that moment the counts and the
 * queue disagree; agreement is what is asked for, so that such a moment can only prolong a doubt.
 */
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct unix_stream {
	__u64 sent;
	__u64 received;
	__u8 begun;
	__u8 sent_doubtful;
	__u8 received_doubtful;
	__u8 padding[5];
};

enum { UNKNOWN = -1 };

/* Bytes sent and not read, as far as that is known. */
static __always_inline __s64 unix_unread(const struct sock *sender, const struct sock *receiver)
{
	const struct unix_sock *socket = bpf_core_cast(receiver, struct unix_sock);

	/* Every byte in the queue is charged to its sender, one is what the socket itself counts for. */
	if (BPF_CORE_READ(sender, sk_wmem_alloc.refs.counter) == 1)
		return 0;
	if (bpf_core_field_exists(socket->inq_len))
		return socket->inq_len;
	return UNKNOWN;
}

/* The offset of the first of `length` bytes that were sent. */
static __always_inline __u64 count_sent(struct unix_stream *stream, __u32 length, __s64 unread)
{
	__u64 offset = __sync_fetch_and_add(&stream->sent, length);

	if (!stream->begun) {
		stream->begun = 1;
		/* What was there before it is still unread: the reader begins with that. */
		if (unread > length) {
			offset = unread - length;
			stream->sent = unread;
		}
		stream->received_doubtful = unread < length;
	} else if (stream->sent_doubtful) {
		if (unread != UNKNOWN && (__s64)(offset + length - stream->received) == unread) {
			stream->sent_doubtful = 0;
		} else if (unread == length) {
			/* The reader has read all that was sent before: its count is where this begins. */
			offset = stream->received;
			stream->sent = offset + length;
			stream->sent_doubtful = 0;
		}
	} else if (stream->received_doubtful && unread == length) {
		stream->received = offset;
		stream->received_doubtful = 0;
	}
	return offset;
}

/* The offset of the first of `length` bytes that were read. */
static __always_inline __u64 count_received(struct unix_stream *stream, __u32 length, __s64 unread)
{
	const __u64 offset = __sync_fetch_and_add(&stream->received, length);
	const __s64 ahead = stream->sent - offset - length;

	if (!stream->begun) {
		stream->begun = 1;
		stream->sent_doubtful = 1;
	} else if (unread != UNKNOWN && !stream->sent_doubtful) {
		if (ahead == unread)
			stream->received_doubtful = 0;
		else if (ahead > unread)
			/* Something was read by a call that is not seen (splice). */
			stream->received_doubtful = 1;
	}
	return offset;
}
