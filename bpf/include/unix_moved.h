/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The life of Unix connections, and where in their streams a call was. */
#pragma once

#include "connection.h"
#include "message.h"
#include "ring.h"
#include "selection.h"
#include "task.h"
#include "unix_socket.h"

enum { MAX_UNIX_NAME = 108 };

struct named_connection {
	struct connection_record record;
	/* A multiple of 8. */
	char name[MAX_UNIX_NAME + 4];
};

/* The name of the end that was accepted: the one its peer connected to. */
static __always_inline const struct unix_address *unix_name(const struct unix_end *end)
{
	return unix_address(end->own->id.accepted == ACCEPTED_NO ? end->peer_sk : end->sk);
}

static __always_inline void emit_unix_established(const struct unix_end *end)
{
	const struct unix_address *address = unix_name(end);
	struct named_connection *named = reserve(sizeof(*named));
	__u32 length = 0;

	if (!named)
		return;
	__builtin_memset(named, 0, sizeof(*named));
	if (address) {
		length = address->len - bpf_core_field_offset(struct sockaddr_un, sun_path);
		if (length > MAX_UNIX_NAME ||
		    bpf_probe_read_kernel(named->name, length, (const char *)address->name->sun_path))
			length = 0;
	}
	named->record.header.size = (sizeof(named->record) + length + 7) & ~7u;
	named->record.header.type = RECORD_CONNECTION;
	named->record.header.at = bpf_ktime_get_ns();
	named->record.task = end->own->owner;
	named->record.socket = end->own->id;
	named->record.context = end->own->owner_context;
	named->record.state = CONNECTION_ESTABLISHED;
	named->record.name_length = length;
	submit(named);
}

static __always_inline void close_unix(struct unix_socket *socket)
{
	if (!socket->owner.pid || socket->closed)
		return;
	socket->closed = 1;
	emit_connection(&socket->id, &socket->owner, socket->owner_context, 0, CONNECTION_CLOSED);
}

/*
 * A call that moved nothing. Nothing tells that a Unix socket is closed but what comes of using the other end: after that
 * nothing goes in either direction.
 */
static __always_inline void unix_moved_nothing(struct moved *moved, const struct unix_end *end, bool selected, int result)
{
	const __u8 shut = end->sk->sk_shutdown;
	const bool over = shut == SHUTDOWN_MASK;

	if (moved->direction == DIRECTION_RECEIVE && selected && end->own->owner.pid && !end->own->read_out &&
	    (over || (result == 0 && (shut & RCV_SHUTDOWN)))) {
		end->own->read_out = 1;
		moved->socket = &end->own->id;
		moved->length = 0;
		moved->begin = moved->end = moved->arrival = bpf_ktime_get_ns();
		moved->offset = end->receives->received;
		emit_length_only(moved);
	}
	if (over) {
		close_unix(end->own);
		close_unix(end->peer);
	}
}

/*
 * True if the call is to be reported. The calls of tasks that are not selected are counted only, and only on connections
 * whose other end a selected task uses.
 */
static __always_inline bool unix_moved(struct moved *moved, struct task_state *state, struct sock *sk, int length)
{
	struct unix_end end;

	if (!state && !sk->sk_bpf_storage)
		return false;
	if (!find_unix_end(&end, sk, state && length > 0))
		return false;
	if (length <= 0) {
		unix_moved_nothing(moved, &end, state != NULL, length);
		return false;
	}
	moved->end = bpf_ktime_get_ns();
	moved->begin = moved->end;
	if (moved->direction == DIRECTION_SEND) {
		moved->offset = count_sent(end.sends, length, unix_unread(sk, end.peer_sk));
		moved->unaligned = end.sends->sent_doubtful;
	} else {
		const __s64 unread = unix_unread(end.peer_sk, sk);

		moved->offset = count_received(end.receives, length, unread);
		moved->unaligned = end.receives->received_doubtful;
		moved->arrival = end.own->arrival;
		end.own->arrival = unread ? moved->end : 0;
	}
	if (!state)
		return false;
	if (state->send_socket == (__u64)sk)
		moved->begin = state->send_begin;
	state->send_socket = 0;
	if (!end.own->owner.pid) {
		fill_task(&end.own->owner, moved->task);
		end.own->owner_context = moved->context;
		emit_unix_established(&end);
	}
	moved->socket = &end.own->id;
	return true;
}

/* Runs in the call that sends: the first time tells when that began. */
static __always_inline void unix_data_ready(const struct sock *receiver)
{
	struct task_state *task = selected_task(bpf_get_current_task_btf());
	struct unix_socket *socket;
	__u64 now, sender;

	if (!task && !receiver->sk_bpf_storage)
		return;
	now = bpf_ktime_get_ns();
	socket = bpf_sk_storage_get(&unix_sockets, (void *)receiver, NULL, 0);
	if (socket && !socket->arrival)
		socket->arrival = now;
	if (!task)
		return;
	sender = (__u64)bpf_core_cast(receiver, struct unix_sock)->peer;
	if (!sender || task->send_socket == sender)
		return;
	task->send_socket = sender;
	task->send_begin = now;
}
