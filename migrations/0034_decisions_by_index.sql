-- A check of a thousand people reads what they did last, and what they were sent, from an index alone: among ten
-- million engagements each row is a page of the file elsewhere.

drop index engagements_latest;
create index engagements_latest on engagements (contact_id, kind, at, amount, id);
create index engagements_sent on engagements (contact_id, at)
    where solicits = 1 or kind in ('call_made', 'email_sent', 'sms_sent', 'letter_sent');

-- Whoever is erased is looked for by their address, not through all mails.
create index mails_by_recipient on mails (recipient);
