import { PINNED_SETTINGS, PINNED_TARGET_SETTINGS } from '../../../core/settings';

/** What every session that carries rows asserts of itself: the settings that make a value's text lossless. */
export const ASSERT_SESSION = (target: boolean): string => `
  CREATE OR REPLACE FUNCTION sluice.assert_${target ? 'target' : 'source'}_session() RETURNS boolean LANGUAGE plpgsql STABLE AS $f$
  BEGIN
    IF ${Object.entries(target ? PINNED_TARGET_SETTINGS : PINNED_SETTINGS)
      .map(([name, value]) => `pg_catalog.current_setting('${name}') = '${value}'`)
      .join('\n      AND ')}
    THEN RETURN true; END IF;
    RAISE EXCEPTION 'the session of % does not have the pinned settings', session_user
      USING ERRCODE = 'SL004', HINT = 'Run docs/guide/roles.sql again.';
  END $f$;`;
