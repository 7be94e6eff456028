-- A login by itself shows nothing. Who reads for staff logs in as usher_staff, which may look at nothing, and becomes
-- usher_staff_reader for a transaction (SET LOCAL ROLE): the policies of that role have to stay the constant true, or the
-- planner would not use the indexes of full-text search. The courier says that it is at work, by a setting.
SET LOCAL ROLE NONE;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_staff') THEN
    BEGIN
      CREATE ROLE usher_staff LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
     AND NOT pg_has_role(current_user, 'usher_staff', 'MEMBER') THEN
    EXECUTE format('GRANT usher_staff TO %I', current_user);
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'usher_staff' AND (rolsuper OR rolbypassrls OR rolinherit)) THEN
    RAISE EXCEPTION 'the role usher_staff is a superuser, bypasses row-level security, or inherits';
  END IF;
  IF NOT pg_has_role('usher_staff', 'usher_staff_reader', 'MEMBER') THEN
    GRANT usher_staff_reader TO usher_staff;
  END IF;
  IF (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'usher_staff_reader') THEN
    ALTER ROLE usher_staff_reader NOLOGIN;
  END IF;
END
$$;
SET LOCAL ROLE usher_owner;

ALTER POLICY due_of_all ON usher.outbox
  USING ((SELECT current_setting('usher.courier')) = 'on') WITH CHECK ((SELECT current_setting('usher.courier')) = 'on');
ALTER POLICY tries_of_all ON usher.outbox_attempts
  USING ((SELECT current_setting('usher.courier')) = 'on') WITH CHECK ((SELECT current_setting('usher.courier')) = 'on');
ALTER POLICY endpoints_of_all ON usher.webhook_endpoints USING ((SELECT current_setting('usher.courier')) = 'on');
-- So does the sealer.
ALTER POLICY trail_of_all ON usher.audit_log USING ((SELECT current_setting('usher.sealer')) = 'on');
ALTER POLICY links_of_all ON usher.audit_links USING ((SELECT current_setting('usher.sealer')) = 'on');
ALTER POLICY links_are_added ON usher.audit_links WITH CHECK ((SELECT current_setting('usher.sealer')) = 'on');
-- And the eraser.
DO $$
DECLARE
  each record;
BEGIN
  FOR each IN SELECT tablename, policyname FROM pg_policies
              WHERE schemaname = 'usher' AND roles = '{usher_eraser}' AND qual = 'true' LOOP
    EXECUTE format('ALTER POLICY %I ON usher.%I USING ((SELECT current_setting(''usher.eraser'')) = ''on'')
                    WITH CHECK ((SELECT current_setting(''usher.eraser'')) = ''on'')', each.policyname, each.tablename);
  END LOOP;
END
$$;
-- The chains' examiner looks whether an erasure stands behind a blank.
CREATE POLICY erasures_for_the_sealer ON usher.erasures FOR SELECT TO usher_sealer
  USING ((SELECT current_setting('usher.sealer')) = 'on');
GRANT SELECT (id) ON usher.erasures TO usher_sealer;
