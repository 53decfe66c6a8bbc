/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which followed Unix sockets still are: nothing tells when one is closed. */
#pragma once

#include "events.h"
#include "ring.h"
#include "unix_socket.h"

/* Sockets met by the look under way, and by the one before. */
__u64 unix_alive_count;
__u64 unix_alive_before;

static __always_inline void emit_unix_alive(__u64 cookie)
{
	struct unix_alive_record *record = reserve(sizeof(*record));

	unix_alive_count++;
	if (!record)
		return;
	__builtin_memset(record, 0, sizeof(*record));
	record->header.size = sizeof(*record);
	record->header.type = RECORD_UNIX_ALIVE;
	record->header.at = bpf_ktime_get_ns();
	record->cookie = cookie;
	submit(record);
}

static __always_inline void emit_unix_swept(void)
{
	struct unix_swept_record *record;

	/* Where there is nothing, and was nothing, there is nothing to say. */
	if (unix_alive_count || unix_alive_before) {
		record = reserve(sizeof(*record));
		if (record) {
			__builtin_memset(record, 0, sizeof(*record));
			record->header.size = sizeof(*record);
			record->header.type = RECORD_UNIX_SWEPT;
			record->header.at = bpf_ktime_get_ns();
			record->count = unix_alive_count;
			submit(record);
		}
	}
	unix_alive_before = unix_alive_count;
	unix_alive_count = 0;
}
