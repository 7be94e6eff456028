-- A session of an agent who is limited to organizations is narrowed to one of them. What becomes of sessions and passwords
-- goes into the trail of the desk itself: the doorkeeper adds such entries, and sees none.
ALTER TABLE usher.staff_sessions ADD COLUMN narrowed_to uuid;
COMMENT ON COLUMN usher.staff_sessions.narrowed_to IS 'The organization that the session is narrowed to; null is what the agent may see.';

CREATE POLICY logins_are_noted ON usher.audit_log FOR INSERT TO usher_doorkeeper
  WITH CHECK ((SELECT current_setting('usher.doorkeeper')) = 'on'
              AND organization_id = '00000000-0000-0000-0000-000000000000'
              AND action IN ('session.started', 'session.refused', 'session.ended', 'password.changed'));
GRANT INSERT (id, organization_id, at, actor_sub, actor_role, action, details) ON usher.audit_log TO usher_doorkeeper;
