/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A connection's life, as far as a selected process takes part in it. */
#pragma once

#include "events.h"
#include "ring.h"
#include "sockets.h"
#include "task.h"

static __always_inline void emit_connection(const struct socket_id *socket, const struct task_id *owner, __u64 context,
					    __u64 since, enum connection_state state)
{
	struct connection_record *record = reserve(sizeof(*record));

	if (!record)
		return;
	__builtin_memset(record, 0, sizeof(*record));
	record->header.size = sizeof(*record);
	record->header.type = RECORD_CONNECTION;
	record->header.at = bpf_ktime_get_ns();
	record->task = *owner;
	record->socket = *socket;
	record->context = context;
	record->since = since;
	record->state = state;
	submit(record);
}

/* The name is complete from here on. */
static __always_inline void establish(struct socket_state *socket, struct sock *sk, const struct tcp_sock *tcp)
{
	fill_socket(&socket->id, sk);
	fill_isns(&socket->id, tcp);
	socket->established = 1;
	emit_connection(&socket->id, &socket->owner, socket->owner_context, socket->since, CONNECTION_ESTABLISHED);
}

/* The state of a socket that a selected task moves data through. Its first use announces it. */
static __always_inline struct socket_state *use_socket(struct sock *sk, const struct tcp_sock *tcp,
						       struct task_struct *task, __u64 context)
{
	struct socket_state *socket = bpf_sk_storage_get(&socket_states, sk, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!socket) {
		count_lost();
		return NULL;
	}
	if (!socket->established) {
		if (!socket->owner.pid) {
			fill_task(&socket->owner, task);
			socket->owner_context = context;
		}
		establish(socket, sk, tcp);
	}
	return socket;
}

static __always_inline void close_connection(struct sock *sk)
{
	struct socket_state *socket = bpf_sk_storage_get(&socket_states, sk, NULL, 0);

	if (!socket || !socket->owner.pid || socket->closed)
		return;
	socket->closed = 1;
	emit_connection(&socket->id, &socket->owner, socket->owner_context, socket->since, CONNECTION_CLOSED);
}

static __always_inline void open_connection(struct sock *sk, struct task_struct *task, __u64 context)
{
	struct socket_state *socket = bpf_sk_storage_get(&socket_states, sk, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!socket) {
		count_lost();
		return;
	}
	/* A socket that was disconnected connects again. */
	close_connection(sk);
	__builtin_memset(socket, 0, sizeof(*socket));
	fill_task(&socket->owner, task);
	socket->owner_context = context;
	fill_socket(&socket->id, sk);
	emit_connection(&socket->id, &socket->owner, socket->owner_context, socket->since, CONNECTION_OPENING);
}
