-- A plan for any dataset and days is as good as one for each, and making it takes twice as long as using it.
alter function jao.metrics_completeness() set plan_cache_mode = force_generic_plan;
