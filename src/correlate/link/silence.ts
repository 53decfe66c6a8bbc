/** Why a kind of evidence says nothing of a call, or names more than one cause: stable names, and what they mean. */
export const SILENCE = {
  no_context: 'the call carries no trace context',
  context_unknown: 'the headers of the call were not captured to their end',
  context_not_open: 'no open request of the process came with the context that the call carries',
  no_request_id: 'the call carries no request id',
  request_id_not_open: 'no open request of the process came with the request id that the call carries',
  not_this_runtime: 'the process has another runtime',
  no_goroutine: 'the goroutine that made the call is not known',
  idle_goroutine: 'no request is at work in the goroutine that made the call, nor did one start it',
  goroutine_runs: 'a request started the goroutine that made the call; it decides when that has ended',
  no_python_context: 'the thread that made the call ran in no context',
  idle_context: 'the context that made the call belongs to a connection on which no request is at work',
  answer_tells:
    'the context that made the call belongs to no request so far; it decides when an answer is written',
  contexts_tell: 'the process runs an event loop: the contexts of its tasks tell instead',
  runtime_schedules: 'it is off for this runtime, which schedules work by its own rules',
  interleaves: 'threads of this process take up requests while others are unanswered',
  hands_over: 'requests of this process were read on one thread and answered by another',
  idle_thread: 'no request is active on the thread that made the call',
  no_worker: 'the thread that made the call works on requests that it reads itself',
  decides_at_end_of_job: 'it decides when the job that made the call ends',
  decides_later: 'it decides when the thread reads next',
  several_candidates: 'the call can have been made for any of several requests',
  others_possible: 'the call can also have been made for a request that was not seen',
  not_earned: 'it has not proved itself in this process yet, and what the call asks for does not support it',
  nothing_seen: 'it saw nothing that speaks for a request',
} as const;

export type Silence = keyof typeof SILENCE;
