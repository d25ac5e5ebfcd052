CREATE TABLE "verification_due" (
	"verification_id" text NOT NULL,
	"queue" text NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "verification_due_verification_id_queue_pk" PRIMARY KEY("verification_id","queue")
);
--> statement-breakpoint
DROP INDEX "verification_check";--> statement-breakpoint
DROP INDEX "verification_archive";--> statement-breakpoint
DROP INDEX "verification_draft";--> statement-breakpoint
DROP INDEX "verification_purge";--> statement-breakpoint
DROP INDEX "verification_urgent";--> statement-breakpoint
DROP INDEX "verification_owner";--> statement-breakpoint
ALTER TABLE "verification_due" ADD CONSTRAINT "verification_due_verification_id_verification_id_fk" FOREIGN KEY ("verification_id") REFERENCES "public"."verification"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "verification_due_next" ON "verification_due" USING btree ("queue","due_at");--> statement-breakpoint
CREATE INDEX "verification_owner" ON "verification" USING btree ("owner","id");--> statement-breakpoint
-- Room on each page for the next version of a row: only there an update need not write every index (HOT).
ALTER TABLE "verification" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);--> statement-breakpoint
ALTER TABLE "outbound_event" SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);--> statement-breakpoint
-- Rows come and go all the time; the dead ones in front of a queue are walked over until they are cleaned up.
ALTER TABLE "verification_due" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);--> statement-breakpoint
-- What each queue is due at by the row; null where the row is not in it. The queries check their own conditions again. Functions
-- of the version before write the same columns, so their verifications are found too.
CREATE FUNCTION "verification_sync_due"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	WITH n AS (
		SELECT * FROM (VALUES
			('draft', CASE WHEN NEW.issued IS NULL THEN NEW.created_at END), ('check', NEW.check_at), ('archive', NEW.archive_at),
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
INSERT INTO "verification_due" SELECT v.id, n.queue, n.due_at FROM "verification" v CROSS JOIN LATERAL
	(VALUES
			('draft', CASE WHEN v.issued IS NULL THEN v.created_at END), ('check', v.check_at), ('archive', v.archive_at),
			('urgent', CASE WHEN v.archive_at IS NOT NULL THEN v.purge_at END),
			('purge', CASE WHEN v.issued IS NOT NULL AND v.purge_alarm_at IS NULL
				AND (v.archive_status IN ('due', 'archiving') OR v.archive_missing IS NOT NULL) THEN v.purge_at END)
		) AS n (queue, due_at) WHERE n.due_at IS NOT NULL;--> statement-breakpoint
CREATE TRIGGER "verification_due_insert" AFTER INSERT ON "verification" FOR EACH ROW EXECUTE FUNCTION "verification_sync_due"();--> statement-breakpoint
CREATE TRIGGER "verification_due_update" AFTER UPDATE ON "verification" FOR EACH ROW WHEN (
	(OLD.issued IS NULL, OLD.check_at, OLD.archive_at, OLD.archive_status, OLD.archive_missing IS NULL, OLD.purge_at, OLD.purge_alarm_at)
	IS DISTINCT FROM
	(NEW.issued IS NULL, NEW.check_at, NEW.archive_at, NEW.archive_status, NEW.archive_missing IS NULL, NEW.purge_at, NEW.purge_alarm_at)
) EXECUTE FUNCTION "verification_sync_due"();
