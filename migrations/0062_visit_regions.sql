-- Where in its country a visit came from, when a proxy in front tells: FR-4. The country stands beside it.
alter table visits add column region text;

-- What calls are told apart by changes where visits have a country: every hour is counted again.
insert into hours_to_count (mark, hour)
    select cast(hour as text) || ' 0062', hour from call_hours;
