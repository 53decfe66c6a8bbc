/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From a finished call to a message record. */
#pragma once

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

static __always_inline int emit_message(struct sock *sk, const struct moved *moved, bool readable)
{
	struct user_buffers buffers;

	if (!readable || !find_user_buffers(moved->task, sk, moved->direction, &buffers))
		return emit_length_only(moved);
	if (buffers.buffer[0].iov_len >= moved->length)
		return emit_contiguous(moved, buffers.buffer[0].iov_base);
	return emit_gathered(moved, &buffers);
}
