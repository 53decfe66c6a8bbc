/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Records about processes: for discovery those of every process, otherwise only those of selected ones. */
#pragma once

#include "events.h"
#include "ring.h"
#include "task.h"

static __always_inline void emit_process(struct task_struct *task, enum record_type type)
{
	struct process_record *record = reserve(sizeof(*record));

	if (!record)
		return;
	__builtin_memset(record, 0, sizeof(*record));
	record->header.size = sizeof(*record);
	record->header.type = type;
	record->header.at = bpf_ktime_get_ns();
	fill_task(&record->task, task);
	submit(record);
}

static __always_inline void emit_fork(struct task_struct *parent, struct task_struct *child, enum record_type type)
{
	struct fork_record *record = reserve(sizeof(*record));

	if (!record)
		return;
	__builtin_memset(record, 0, sizeof(*record));
	record->header.size = sizeof(*record);
	record->header.type = type;
	record->header.at = bpf_ktime_get_ns();
	fill_task(&record->task, parent);
	record->child_pid = child->pid;
	record->child_start = child->start_boottime;
	submit(record);
}

static __always_inline void emit_listen(struct sock *sk, struct task_struct *task)
{
	struct listen_record *record = reserve(sizeof(*record));

	if (!record)
		return;
	__builtin_memset(record, 0, sizeof(*record));
	record->header.size = sizeof(*record);
	record->header.type = RECORD_LISTEN;
	record->header.at = bpf_ktime_get_ns();
	fill_task(&record->task, task);
	fill_local_address(record->address, sk);
	record->netns = sk->__sk_common.skc_net.net->ns.inum;
	record->port = sk->__sk_common.skc_num;
	submit(record);
}
