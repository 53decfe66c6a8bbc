import { http } from '../../src/receiver/ebpf/protocols/http.js';
import { postgresql } from '../../src/receiver/ebpf/protocols/postgresql.js';
import { httpConversations } from './http.conversations.js';
import { postgresqlConversations } from './postgresql.conversations.js';
import { conformance } from './suite.js';

conformance(http, httpConversations);
conformance(postgresql, postgresqlConversations);
