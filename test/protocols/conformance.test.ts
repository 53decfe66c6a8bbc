import { http } from '../../src/receiver/ebpf/protocols/http.ts';
import { httpConversations } from './http.conversations.ts';
import { conformance } from './suite.ts';

conformance(http, httpConversations);
