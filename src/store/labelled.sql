select o.site_id, c.arrived_at, a.visit_id, t.device,
       (select e.evidence from attributions e
        where e.call_id = c.id and e.visit_id = a.visit_id and e.version < v.version
        order by e.version limit 1) as seen,
       (select max(l.last_seen_at) from leases l
        where l.visit_id = a.visit_id and l.number = c.number and l.started_at <= c.arrived_at) as last_seen_at
from attribution_versions v
join calls c on c.id = v.call_id
join numbers n on n.e164 = c.number
join pools o on o.id = n.pool_id
join attributions a on a.call_id = v.call_id and a.version = v.version
left join visits t on t.id = a.visit_id
where v.reason = 'corrected' and c.arrived_at >= $1
  and v.version = (select max(w.version) from attribution_versions w where w.call_id = v.call_id)
order by c.arrived_at desc, c.id desc
limit $2
