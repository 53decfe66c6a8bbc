import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANSWERED_LOCALLY, type ProxyPlace, type ProxyProgram } from '../common/proxy.ts';

export interface NginxOptions {
  /** Idle connections to the upstream kept for later requests. */
  readonly keepAlive?: boolean;
  /** Asks `/auth` of the upstream before each request. */
  readonly authRequest?: boolean;
  /** Sends a copy of each request to `/mirror` of the upstream. */
  readonly mirror?: boolean;
  /** Every second request goes first to an upstream that never answers well. */
  readonly retry?: boolean;
  /** Answers from its cache unless told to go round it. */
  readonly cache?: boolean;
  /** Headers that are not handed on. */
  readonly drops?: readonly string[];
  /** Makes the calls' labels end with this, instead of handing them on as they are. */
  readonly callMark?: string;
}

/** nginx with one worker. */
export function nginx(place: ProxyPlace, options: NginxOptions = {}): ProxyProgram {
  const file = join(place.directory, 'nginx.conf');
  writeFileSync(file, configuration(place, options));
  return { command: '/usr/sbin/nginx', args: ['-c', file, '-e', join(place.directory, 'errors.log')] };
}

function configuration(place: ProxyPlace, options: NginxOptions): string {
  const { directory, port, upstreamPort, failingPort } = place;
  const { keepAlive = true, authRequest, mirror, retry, cache, drops = [], callMark } = options;
  return `daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  ${cache ? `proxy_cache_path ${directory}/cache keys_zone=cache:1m;` : ''}
  upstream service {
    server 127.0.0.1:${upstreamPort} max_fails=0;
    ${retry ? `server 127.0.0.1:${failingPort} max_fails=0;` : ''}
    ${keepAlive ? 'keepalive 64; keepalive_requests 1000000000;' : ''}
  }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    ${callMark ? 'proxy_set_header x-label $call_label;' : ''}
    ${drops.map((name) => `proxy_set_header ${name} "";`).join(' ')}
    proxy_next_upstream error timeout http_502 non_idempotent;
    location / {
      ${authRequest ? 'auth_request /auth;' : ''}
      ${mirror ? 'mirror /mirror; mirror_request_body off;' : ''}
      ${cache ? `proxy_cache cache; proxy_cache_key all; proxy_cache_valid 200 1h; proxy_cache_bypass $remote;` : ''}
      proxy_pass http://service;
    }
    location = /auth { internal; proxy_pass http://service; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
    location = /mirror { internal; proxy_pass http://service; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
  }
  map $http_${ANSWERED_LOCALLY.replace('-', '_')} $remote { "" 1; default 0; }
  ${callMark ? `map $http_x_label $call_label { "~^(?<labelled>.*).$" "\${labelled}${callMark}"; }` : ''}
}
`;
}
