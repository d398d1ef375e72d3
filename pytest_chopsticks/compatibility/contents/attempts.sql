-- Runs each statement of a JSON array in a subtransaction of its own, all in one round trip, and
-- leaves what became of them, as another JSON array, in the setting chopsticks.answers.
--
-- Statements that need the same preparations come in one group, and are prepared once, in a
-- subtransaction around theirs.
--
-- A DO block, since it must neither create an object nor need one: event triggers and catalog
-- snapshots of the caller see nothing of it.
DO $chopsticks$
DECLARE
  -- How many rows of one answer are kept.
  most CONSTANT integer := 200;
  may_defer CONSTANT boolean := EXISTS (SELECT FROM pg_trigger WHERE tgdeferrable)
    OR EXISTS (SELECT FROM pg_constraint WHERE condeferrable);
  preparing jsonb;
  attempt jsonb;
  preparation text;
  found record;
  answers jsonb[] := '{}';
  stage text;
  refusal text;
  message text;
  refused_before jsonb;
  touched bigint;
  prepared bigint[];
  returned text[];
  visible text[];
BEGIN
  FOR preparing IN SELECT value FROM jsonb_array_elements(current_setting('chopsticks.attempts')::jsonb)
  LOOP
    prepared := '{}';
    refused_before := NULL;
    BEGIN
      FOR preparation IN SELECT jsonb_array_elements_text(preparing -> 'if_possible') LOOP
        BEGIN
          EXECUTE preparation;
          GET DIAGNOSTICS touched = ROW_COUNT;
        EXCEPTION WHEN OTHERS THEN
          touched := -1;
        END;
        prepared := prepared || touched;
      END LOOP;
      BEGIN
        FOR preparation IN SELECT jsonb_array_elements_text(preparing -> 'preparations') LOOP
          EXECUTE preparation;
          GET DIAGNOSTICS touched = ROW_COUNT;
          prepared := prepared || touched;
        END LOOP;
      EXCEPTION WHEN OTHERS OR ASSERT_FAILURE THEN
        GET STACKED DIAGNOSTICS refusal = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
        refused_before := jsonb_build_object(
          'stage', 'preparation', 'sqlstate', refusal, 'message', message, 'row_count', 0,
          'prepared', prepared, 'returned', '[]'::jsonb, 'visible', '[]'::jsonb);
      END;
      FOR attempt IN SELECT value FROM jsonb_array_elements(preparing -> 'attempts') LOOP
        IF refused_before IS NOT NULL THEN
          answers := answers || refused_before;
          CONTINUE;
        END IF;
        stage := 'statement';
        refusal := NULL;
        message := NULL;
        touched := 0;
        returned := '{}';
        visible := '{}';
        BEGIN
          IF (attempt ->> 'returns')::boolean THEN
            FOR found IN EXECUTE attempt ->> 'text' LOOP
              touched := touched + 1;
              IF touched <= most THEN
                returned := returned || row_to_json(found)::text;
              END IF;
            END LOOP;
          ELSE
            EXECUTE attempt ->> 'text';
            GET DIAGNOSTICS touched = ROW_COUNT;
          END IF;
          stage := 'visible';
          IF attempt ->> 'visible' IS NOT NULL THEN
            FOR found IN EXECUTE attempt ->> 'visible' LOOP
              visible := visible || row_to_json(found)::text;
            END LOOP;
          END IF;
          -- Deferred constraints speak: a client would hear of them at COMMIT.
          stage := 'commit';
          IF may_defer THEN
            SET CONSTRAINTS ALL IMMEDIATE;
          END IF;
          IF NOT (preparing ->> 'kept')::boolean THEN
            RAISE SQLSTATE 'CHOPS';
          END IF;
        EXCEPTION
          WHEN SQLSTATE 'CHOPS' THEN
            NULL;
          WHEN OTHERS OR ASSERT_FAILURE THEN
            GET STACKED DIAGNOSTICS refusal = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
        END;
        answers := answers || jsonb_build_object(
          'stage', stage, 'sqlstate', refusal, 'message', message, 'row_count', touched,
          'prepared', prepared, 'returned', returned, 'visible', visible);
      END LOOP;
      IF NOT (preparing ->> 'kept')::boolean THEN
        RAISE SQLSTATE 'CHOPS';
      END IF;
    EXCEPTION WHEN SQLSTATE 'CHOPS' THEN
      NULL;
    END;
  END LOOP;
  PERFORM set_config('chopsticks.answers', to_jsonb(answers)::text, true);
END
$chopsticks$
