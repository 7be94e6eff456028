-- The 200 organizations of a desk that million.sql or year.sql fills.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET session_replication_role = replica;
SET maintenance_work_mem = '256MB';

INSERT INTO usher.organizations (id, name, tier, time_zone, version, created_at, updated_at)
SELECT ('0b000000-0000-8000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Organization ' || n,
       (ARRAY['ENTERPRISE', 'PROFESSIONAL', 'STARTER', 'FREE'])[1 + n % 4], 'Europe/Paris', 1, now(), now()
FROM generate_series(0, 199) n;
