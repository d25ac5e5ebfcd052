-- An erased verification has no token either; it is a tombstone and no draft, and no sweep may take it.
CREATE OR REPLACE FUNCTION "verification_sync_due"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	WITH n AS (
		SELECT * FROM (VALUES
			('draft', CASE WHEN NEW.issued IS NULL AND NEW.erased_at IS NULL THEN NEW.created_at END),
			('check', NEW.check_at), ('archive', NEW.archive_at),
			('urgent', CASE WHEN NEW.archive_at IS NOT NULL THEN NEW.purge_at END),
			('purge', CASE WHEN NEW.issued IS NOT NULL AND NEW.purge_alarm_at IS NULL
				AND (NEW.archive_status IN ('due', 'archiving') OR NEW.archive_missing IS NOT NULL) THEN NEW.purge_at END)
		) AS n (queue, due_at)
	), gone AS (
		DELETE FROM verification_due d USING n
		WHERE TG_OP = 'UPDATE' AND n.due_at IS NULL AND d.verification_id = NEW.id AND d.queue = n.queue
	)
	INSERT INTO verification_due AS d (verification_id, queue, due_at)
		SELECT NEW.id, n.queue, n.due_at FROM n WHERE n.due_at IS NOT NULL
		ON CONFLICT (verification_id, queue) DO UPDATE SET due_at = excluded.due_at WHERE d.due_at <> excluded.due_at;
	RETURN NULL;
END
$$;--> statement-breakpoint
DELETE FROM "verification_due" d USING "verification" v
	WHERE d.queue = 'draft' AND v.id = d.verification_id AND v.erased_at IS NOT NULL;
