/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A thread that has had the answer to a call wakes another of its process: perhaps the one that waits for the result. */
#pragma once

#include "events.h"
#include "ring.h"
#include "selection.h"
#include "task.h"
#include "user_buffers.h"

enum {
	/* After one read. The first wake need not be the one looked for: locks wake as well, an interpreter's above all. */
	WAKES_A_READ = 8,
};

/* The thread read what came back on a connection it called out on. */
static __always_inline void may_complete(struct task_state *state)
{
	state->wakes_left = WAKES_A_READ;
}

/* It calls out: what it wakes from here on does not hang on an earlier call. */
static __always_inline void completes_no_more(struct task_state *state)
{
	state->wakes_left = 0;
}

/*
 * Runs at every wake of the machine, under the woken task's pi_lock, in interrupts as well. Two threads of one process,
 * each inside futex(2), are no interrupt's doing: those end waits for time, sockets and disks.
 */
static __always_inline int emit_wake(struct task_struct *task, struct task_struct *woken)
{
	struct task_state *state;
	struct wake_record *record;
	struct syscall wake, wait;

	if (task->tgid != woken->tgid || task == woken)
		return 0;
	state = bpf_task_storage_get(&task_states, task, NULL, 0);
	if (!state || !state->wakes_left || !state->selected)
		return 0;
	if (!current_syscall(task, &wake) || wake.number != SYS_futex)
		return 0;
	if (!current_syscall(woken, &wait) || wait.number != SYS_futex)
		return 0;
	state->wakes_left--;
	record = reserve(sizeof(*record));
	if (!record)
		return 0;
	__builtin_memset(record, 0, sizeof(*record));
	record->header.size = sizeof(*record);
	record->header.type = RECORD_WAKE;
	record->header.at = bpf_ktime_get_ns();
	fill_task(&record->task, task);
	record->woken_start = woken->start_boottime;
	record->woken_tid = woken->pid;
	record->wait_operation = wait.second;
	record->timed = wait.fourth != 0;
	submit(record);
	return 0;
}
