-- Links to other reports than the overview.
alter table report_shares add column report text not null default 'overview';
