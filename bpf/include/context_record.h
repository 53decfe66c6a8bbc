/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once

#include "events.h"
#include "ring.h"
#include "task.h"

static __always_inline void emit_context(struct task_struct *task, enum context_state state, __u64 context,
					 __u64 parent, __u64 origin)
{
	struct context_record *record = reserve(sizeof(*record));

	if (!record)
		return;
	__builtin_memset(record, 0, sizeof(*record));
	record->header.size = sizeof(*record);
	record->header.type = RECORD_CONTEXT;
	record->header.at = bpf_ktime_get_ns();
	fill_task(&record->task, task);
	record->context = context;
	record->parent = parent;
	record->origin = origin;
	record->state = state;
	submit(record);
}
