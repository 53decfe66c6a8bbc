/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once

static __always_inline void fill_task(struct task_id *id, struct task_struct *task)
{
	id->process_start = task->group_leader->start_boottime;
	id->thread_start = task->start_boottime;
	id->pid = task->tgid;
	id->tid = task->pid;
}
