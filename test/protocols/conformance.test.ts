import { http } from '../../src/receiver/ebpf/protocols/http.ts';
import { postgresql } from '../../src/receiver/ebpf/protocols/postgresql.ts';
import { redis } from '../../src/receiver/ebpf/protocols/redis.ts';
import { httpConversations } from './http.conversations.ts';
import { postgresqlConversations } from './postgresql.conversations.ts';
import { redisConversations } from './redis.conversations.ts';
import { conformance } from './suite.ts';

conformance(http, httpConversations);
conformance(postgresql, postgresqlConversations);
conformance(redis, redisConversations);
