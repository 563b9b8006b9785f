-- The calls of an hour say what was bought after them: every hour is counted again. Until it is, its calls are as they were.

insert into hours_to_count (mark, hour)
    select cast(hour as text) || ' 0051', hour from call_hours;
