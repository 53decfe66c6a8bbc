/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What one call moved over one socket, and how it goes into a record. */
#pragma once

#include "events.h"
#include "task.h"

struct moved {
	struct task_struct *task;
	const struct socket_id *socket;
	enum direction direction;
	__u32 length;
	__u32 retransmits;
	bool unaligned;
	__u64 offset;
	__u64 begin;
	__u64 end;
	__u64 arrival;
	__u64 context;
};

static __always_inline void fill_message(struct message_record *to, const struct moved *moved, __u32 head, __u32 tail)
{
	to->header.size = (sizeof(*to) + head + tail + 7) & ~7u;
	to->header.type = RECORD_MESSAGE;
	__builtin_memset(to->header.padding, 0, sizeof(to->header.padding));
	to->header.at = moved->end;
	fill_task(&to->task, moved->task);
	to->socket = *moved->socket;
	to->begin = moved->begin;
	to->arrival = moved->arrival;
	to->offset = moved->offset;
	to->context = moved->context;
	to->length = moved->length;
	to->retransmits = moved->retransmits;
	to->head_length = head;
	to->tail_length = tail;
	to->direction = moved->direction;
	to->unaligned = moved->unaligned;
	__builtin_memset(to->padding, 0, sizeof(to->padding));
}
