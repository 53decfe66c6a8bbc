import { http } from '../../src/receiver/ebpf/protocols/http.ts';
import { postgresql } from '../../src/receiver/ebpf/protocols/postgresql.ts';
import { httpConversations } from './http.conversations.ts';
import { postgresqlConversations } from './postgresql.conversations.ts';
import { conformance } from './suite.ts';

conformance(http, httpConversations);
conformance(postgresql, postgresqlConversations);
