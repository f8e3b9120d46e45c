create view jao.run as
select run_id, command, dataset, outcome, started_at, ended_at
from ops.run
where app = 'jao-scraper';
comment on view jao.run is 'One row per run of jao-scraper: what run_id of jao.quarantined_cell and jao.check_result names.';
comment on column jao.run.dataset is 'The one dataset that it was about, with its region; null for several.';
comment on column jao.run.outcome is 'running, succeeded, failed, or abandoned: its process died without saying so.';
