DROP INDEX "verification_purge";--> statement-breakpoint
ALTER TABLE "verification" ADD COLUMN "raised_alarms" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "verification" ADD COLUMN "unfinished_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "verification_purge" ON "verification" USING btree ("purge_at") WHERE (archive_status in ('due', 'archiving') or archive_missing is not null) and purge_alarm_at is null;--> statement-breakpoint
-- Evidence of flows that nobody settles is due when their token is over; new flows say so when they begin.
UPDATE "verification" SET "archive_at" = "expires_at" + interval '6 minutes'
	WHERE "status" = 'pending' AND "archive_status" = 'due' AND "archive_at" IS NULL AND "issued" IS NOT NULL AND "expires_at" IS NOT NULL;
