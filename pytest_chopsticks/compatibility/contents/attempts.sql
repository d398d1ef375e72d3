-- Runs each statement of a JSON array in a subtransaction of its own, all in one round trip, and
-- leaves what became of them, as another JSON array, in the setting chopsticks.answers.
--
-- A DO block, since it must neither create an object nor need one: event triggers and catalog
-- snapshots of the caller see nothing of it.
DO $chopsticks$
DECLARE
  -- How many rows of one answer are kept.
  most CONSTANT integer := 200;
  attempt jsonb;
  preparation text;
  found record;
  answers jsonb[] := '{}';
  stage text;
  refusal text;
  message text;
  touched bigint;
  prepared bigint[];
  returned text[];
  visible text[];
BEGIN
  FOR attempt IN SELECT value FROM jsonb_array_elements(current_setting('chopsticks.attempts')::jsonb)
  LOOP
    stage := 'preparation';
    refusal := NULL;
    message := NULL;
    touched := 0;
    prepared := '{}';
    returned := '{}';
    visible := '{}';
    BEGIN
      FOR preparation IN SELECT jsonb_array_elements_text(attempt -> 'if_possible') LOOP
        BEGIN
          EXECUTE preparation;
          GET DIAGNOSTICS touched = ROW_COUNT;
        EXCEPTION WHEN OTHERS THEN
          touched := -1;
        END;
        prepared := prepared || touched;
      END LOOP;
      FOR preparation IN SELECT jsonb_array_elements_text(attempt -> 'preparations') LOOP
        EXECUTE preparation;
        GET DIAGNOSTICS touched = ROW_COUNT;
        prepared := prepared || touched;
      END LOOP;
      touched := 0;
      stage := 'statement';
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
      SET CONSTRAINTS ALL IMMEDIATE;
      IF NOT (attempt ->> 'kept')::boolean THEN
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
      'prepared', prepared,
      'returned', returned, 'visible', visible);
  END LOOP;
  PERFORM set_config('chopsticks.answers', to_jsonb(answers)::text, true);
END
$chopsticks$
