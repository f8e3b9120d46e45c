-- A redirect that is followed is a request of its own, and has a row of its own.
alter table ops.attempt drop constraint attempt_outcome;
alter table ops.attempt add constraint attempt_outcome check (outcome in (
  'running', 'stored', 'unchanged', 'republished', 'empty', 'not_modified', 'deferred',
  'rejected', 'empty_body', 'html', 'not_json', 'schema', 'failed_check', 'foreign', 'too_large', 'http_4xx', 'http_429',
  'http_5xx', 'range_refused', 'redirected', 'redirect_refused', 'dns', 'connect', 'tls', 'connect_timeout',
  'headers_timeout', 'total_timeout', 'reset', 'truncated', 'cancelled', 'fenced', 'abandoned'
));
comment on column ops.attempt.outcome is 'running: the request is out, or its process died; stored, unchanged, republished, empty, not_modified and deferred are successes; redirected: its redirect was followed, and the next attempt is where it led; abandoned was set by who took over; the rest says what failed.';
