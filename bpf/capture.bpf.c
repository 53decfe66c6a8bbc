// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What selected processes move over TCP and Unix stream sockets, and what becomes of their connections and of processes. */
#include "kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "completion_wake.h"
#include "connection.h"
#include "events.h"
#include "execution_context.h"
#include "message.h"
#include "process.h"
#include "selection.h"
#include "sockets.h"
#include "tcp_moved.h"
#include "unix_moved.h"
#include "unix_sweep.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Report exec, fork, exit and listen of every process: whoever selects processes needs to know them. */
const volatile bool discovery = false;

/* Read by nobody: puts the record types into the object's BTF, where a test compares their layout. */
const union record {
	struct connection_record connection;
	struct listen_record listen;
	struct process_record process;
	struct fork_record fork;
	struct context_record context;
	struct retransmit_record retransmit;
	struct unix_alive_record unix_alive;
	struct unix_swept_record unix_swept;
	struct wake_record wake;
	struct large_message message;
} *record_types;

/* Fires at each segment; the first one of a call tells, under the socket lock, when and where the call began. */
SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(tcp_sendmsg_locked, const struct sock *sk)
{
	struct task_state *task = selected_task(bpf_get_current_task_btf());

	if (!task)
		return 0;
	if (task->send_socket == (__u64)sk) {
		task->send_continued = 1;
		return 0;
	}
	task->send_socket = (__u64)sk;
	task->send_continued = 0;
	task->send_begin = bpf_ktime_get_ns();
	task->send_seq = bpf_core_cast(sk, struct tcp_sock)->write_seq;
	return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(sock_send_length, struct sock *sk, int ret)
{
	struct moved moved = { .direction = DIRECTION_SEND, .length = ret };
	const bool tcp = is_tcp(sk);
	struct task_state *state;

	if (!tcp && !is_unix_stream(sk))
		return 0;
	moved.task = bpf_get_current_task_btf();
	state = selected_task(moved.task);
	if (state && ret > 0)
		moved.context = sending_context(moved.task, state);
	if (tcp) {
		if (!state || !tcp_sent(&moved, state, sk, ret))
			return 0;
	} else if (!unix_moved(&moved, state, sk, ret)) {
		return 0;
	}
	if (state && moved.socket->accepted == ACCEPTED_NO)
		completes_no_more(state);
	return emit_message(sk, &moved, true);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(sock_recv_length, struct sock *sk, int ret, int flags)
{
	struct moved moved = { .direction = DIRECTION_RECEIVE, .length = ret };
	const bool tcp = is_tcp(sk);
	struct task_state *state;

	/* These take nothing out of the stream. */
	if ((flags & (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE)) || (!tcp && !is_unix_stream(sk)) ||
	    (tcp && ret <= 0 && !is_read_out(sk, ret)))
		return 0;
	moved.task = bpf_get_current_task_btf();
	state = selected_task(moved.task);
	if (state)
		moved.context = calling_context(moved.task, state);
	if (tcp) {
		if (!state || !tcp_received(&moved, sk, ret))
			return 0;
	} else if (!unix_moved(&moved, state, sk, ret)) {
		return 0;
	}
	if (state && moved.socket->accepted == ACCEPTED_NO)
		may_complete(state);
	/* With MSG_TRUNC the bytes are thrown away instead of copied (tcp(7)). */
	return emit_message(sk, &moved, !(flags & MSG_TRUNC));
}

SEC("tp_btf/sk_data_ready")
int BPF_PROG(sk_data_ready, const struct sock *sk)
{
	struct socket_state *socket;

	if (is_unix_stream(sk)) {
		unix_data_ready(sk);
		return 0;
	}
	if (!is_tcp(sk))
		return 0;
	socket = bpf_sk_storage_get(&socket_states, (void *)sk, NULL, 0);
	if (socket && !socket->arrival)
		socket->arrival = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(tcp_retransmit_skb, const struct sock *sk)
{
	struct socket_state *socket = bpf_sk_storage_get(&socket_states, (void *)sk, NULL, 0);
	struct retransmit_record *record;

	if (!socket || !socket->established)
		return 0;
	record = reserve(sizeof(*record));
	if (!record)
		return 0;
	__builtin_memset(record, 0, sizeof(*record));
	record->header.size = sizeof(*record);
	record->header.type = RECORD_RETRANSMIT;
	record->header.at = bpf_ktime_get_ns();
	record->socket = socket->id;
	submit(record);
	return 0;
}

static __always_inline void established(struct sock *sk, int oldstate)
{
	struct socket_state *socket;

	/*
	 * Nobody has accepted it yet, so nobody knows whether a selected process will. Its state is kept from here on to
	 * know when that was and when the first data came; everything else waits for its first use.
	 */
	if (oldstate == TCP_SYN_RECV) {
		socket = bpf_sk_storage_get(&socket_states, sk, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (socket)
			socket->since = bpf_ktime_get_ns();
		return;
	}
	socket = bpf_sk_storage_get(&socket_states, sk, NULL, 0);
	if (!socket)
		return;
	socket->since = bpf_ktime_get_ns();
	if (socket->owner.pid && !socket->established)
		establish(socket, sk, bpf_core_cast(sk, struct tcp_sock));
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(inet_sock_set_state, struct sock *sk, int oldstate, int newstate)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct task_state *state;

	if (!is_tcp(sk))
		return 0;
	switch (newstate) {
	case TCP_LISTEN:
		if (discovery || selected_task(task))
			emit_listen(sk, task);
		break;
	case TCP_SYN_SENT:
		state = selected_task(task);
		if (state)
			open_connection(sk, task, calling_context(task, state));
		break;
	case TCP_ESTABLISHED:
		established(sk, oldstate);
		break;
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
	case TCP_CLOSING:
		/* shutdown(SHUT_WR) comes here too, and leaves the connection readable. */
		if (sk->sk_shutdown == SHUTDOWN_MASK)
			close_connection(sk);
		break;
	case TCP_CLOSE:
		/* What breaks a connection is not known to the program yet: it is over when that lets go of it. */
		if (oldstate == TCP_SYN_SENT || !sk->sk_socket)
			close_connection(sk);
		break;
	}
	return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(tcp_destroy_sock, struct sock *sk)
{
	close_connection(sk);
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(sched_waking, struct task_struct *woken)
{
	return emit_wake(bpf_get_current_task_btf(), woken);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task)
{
	struct task_state *state;

	if (discovery || process_selected(task->tgid))
		emit_process(task, RECORD_EXEC);
	/* Another program: its runtime is another as well. */
	forget_runtime(task->tgid);
	state = bpf_task_storage_get(&task_states, task, NULL, 0);
	if (state)
		state->runtime = RUNTIME_NONE;
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	const pid_t child_tgid = child->tgid;
	const __u8 one = 1;
	bool selected;

	selected = process_selected(parent->tgid);
	if (child_tgid == parent->tgid) {
		if (selected)
			emit_fork(parent, child, RECORD_THREAD_START);
		return 0;
	}
	if (selected && bpf_map_update_elem(&selected_processes, &child_tgid, &one, BPF_ANY))
		count_lost();
	if (selected)
		inherit_runtime(parent->tgid, child_tgid);
	if (discovery || selected)
		emit_fork(parent, child, RECORD_FORK);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *task)
{
	const pid_t tgid = task->tgid;
	const bool selected = process_selected(tgid);

	if (task->signal->live.counter > 0) {
		if (selected)
			emit_process(task, RECORD_THREAD_EXIT);
		return 0;
	}
	if (discovery || selected)
		emit_process(task, RECORD_EXIT);
	if (selected) {
		bpf_map_delete_elem(&selected_processes, &tgid);
		forget_runtime(tgid);
	}
	return 0;
}

/* Run by whoever reads the iterator: once for each socket, and once more at the end. */
SEC("iter/bpf_sk_storage_map")
int unix_sweep(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	const struct unix_socket *socket = ctx->value;

	if (!socket)
		emit_unix_swept();
	else
		emit_unix_alive(socket->id.cookie);
	return 0;
}
