-- Where in its country a visit came from, when a proxy in front tells: FR-4. The country stands beside it.
alter table visits add column region text;
