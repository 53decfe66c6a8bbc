/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Putting together a message that lies in several buffers. */
#pragma once

#include "moved.h"
#include "payload.h"
#include "ring.h"
#include "user_buffers.h"

/*
 * The verifier adds the largest offset and the largest length without relating them: hence twice the room wherever
 * pieces are copied to where the last one ended.
 */
struct gathered_small {
	struct message_record record;
	__u8 payload[2 * SMALL_WHOLE];
};

struct gathered_medium {
	struct message_record record;
	__u8 payload[2 * WHOLE];
};

/* What is too long for that is put together outside the ring. */
struct gather {
	struct message_record record;
	__u8 payload[2 * HTTP_WHOLE];
	struct user_buffers buffers;
	/* Bytes of the message in the buffers passed so far. */
	__u64 position;
	/* Bytes from its start that are copied, and of these how many are. */
	__u32 limit;
	__u32 head;
	/* Bytes of its tail that are copied. */
	__u32 tail;
	__u32 failed;
};

/* One slot a direction, so that a send and a receive never share one. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct gather);
} gather_slots SEC(".maps");

/* How many bytes from the message's start are wanted. */
static __always_inline __u32 head_limit(const struct user_buffers *buffers, __u32 length)
{
	if (!user_begins_like_http(buffers->buffer[0].iov_base, buffers->buffer[0].iov_len))
		return HEAD;
	return length <= HTTP_WHOLE ? length : HTTP_HEAD;
}

/* Global functions are verified once, not once for every way through the loop that calls them. */
__noinline int gather_buffer(struct gather *gather, __u32 index)
{
	__u64 base, n, left, tail_from;

	if (!gather || index >= MAX_BUFFERS)
		return 0;
	base = gather->buffers.buffer[index].iov_base;
	n = gather->buffers.buffer[index].iov_len;
	left = gather->record.length - gather->position;
	if (n > left)
		n = left;
	if (gather->position < gather->limit) {
		__u32 at = gather->position;
		__u32 room = gather->limit - at;
		__u32 m = n < room ? n : room;

		if (at > HTTP_WHOLE || !copy_user(gather->payload + at, m, HTTP_WHOLE, base)) {
			gather->failed = 1;
			return 0;
		}
		gather->head += m;
	}
	tail_from = gather->limit < gather->record.length ? gather->record.length - TAIL : gather->record.length;
	if (gather->position + n > tail_from) {
		__u64 skip = tail_from > gather->position ? tail_from - gather->position : 0;
		__u32 at = gather->limit + gather->tail;
		__u32 m = n - skip;

		if (at > HTTP_WHOLE || !copy_user(gather->payload + at, m, TAIL, base + skip)) {
			gather->failed = 1;
			return 0;
		}
		gather->tail += m;
	}
	gather->position += n;
	return 0;
}

static __always_inline int emit_gathered_cut(const struct moved *moved, const struct user_buffers *buffers)
{
	const __u32 slot = moved->direction;
	struct gather *gather = bpf_map_lookup_elem(&gather_slots, &slot);
	__u32 size;

	if (!gather)
		return 0;
	gather->record.length = moved->length;
	gather->buffers = *buffers;
	gather->limit = head_limit(buffers, moved->length);
	gather->position = 0;
	gather->head = 0;
	gather->tail = 0;
	gather->failed = 0;
	for (__u32 i = 0; i < MAX_BUFFERS; i++) {
		if (i >= gather->buffers.count || gather->position >= moved->length || gather->failed)
			break;
		gather_buffer(gather, i);
	}
	/* Where not all of the message was passed, its end is not known. */
	if (gather->position < moved->length)
		gather->tail = 0;
	fill_message(&gather->record, moved, gather->head, gather->tail);
	size = gather->record.header.size;
	if (size > sizeof(struct message_record) + HTTP_WHOLE)
		return 0;
	if (bpf_ringbuf_output(&ring, gather, size, 0))
		count_lost();
	return 0;
}

/* The bytes copied, from the first on; `length` is at most `capacity`. */
static __always_inline __u32 gather_whole(__u8 *to, __u32 capacity, const struct user_buffers *buffers, __u32 length)
{
	__u32 at = 0;

	for (__u32 i = 0; i < MAX_BUFFERS; i++) {
		__u64 n = buffers->buffer[i].iov_len;

		if (i >= buffers->count || at >= length)
			break;
		if (n > length - at)
			n = length - at;
		if (!copy_user(to + at, n, capacity, buffers->buffer[i].iov_base))
			break;
		at += n;
	}
	return at;
}

static __always_inline int emit_gathered(const struct moved *moved, const struct user_buffers *buffers)
{
	if (moved->length <= SMALL_WHOLE) {
		struct gathered_small *record = reserve(sizeof(*record));

		if (!record)
			return 0;
		fill_message(&record->record, moved,
			     gather_whole(record->payload, SMALL_WHOLE, buffers, moved->length), 0);
		submit(record);
		return 0;
	}
	if (moved->length <= WHOLE) {
		struct gathered_medium *record = reserve(sizeof(*record));

		if (!record)
			return 0;
		fill_message(&record->record, moved, gather_whole(record->payload, WHOLE, buffers, moved->length), 0);
		submit(record);
		return 0;
	}
	return emit_gathered_cut(moved, buffers);
}
