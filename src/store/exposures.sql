with came as (
    select site_id, count(*) as visits, cast(sum(last_seen_at - started_at) as bigint) as stayed_ms
    from visits where started_at >= $1 group by site_id
), rang as (
    select o.site_id, count(*) as calls
    from calls c join numbers n on n.e164 = c.number join pools o on o.id = n.pool_id
    where c.arrived_at >= $1 and (c.outcome is null or c.outcome <> 'blocked') group by o.site_id
), stood as (
    select o.site_id,
           cast(sum($2 - case when n.created_at > $1 then n.created_at else $1 end) as bigint) as number_ms
    from numbers n join pools o on o.id = n.pool_id where n.in_service = 1 group by o.site_id
)
select s.id, coalesce(came.visits, 0) as visits, coalesce(came.stayed_ms, 0) as stayed_ms,
       coalesce(rang.calls, 0) as calls, coalesce(stood.number_ms, 0) as number_ms
from sites s
left join came on came.site_id = s.id
left join rang on rang.site_id = s.id
left join stood on stood.site_id = s.id
