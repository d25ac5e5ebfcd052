ALTER TABLE "verification" ADD COLUMN "settled_by" text;--> statement-breakpoint
ALTER TABLE "verification" ADD COLUMN "archive_kinds" jsonb;--> statement-breakpoint
CREATE INDEX "attempt_charged" ON "attempt" USING btree ("at") WHERE charged;--> statement-breakpoint
CREATE INDEX "outbound_event_verification" ON "outbound_event" USING btree ((coalesce(data ->> 'verificationId', data #>> '{verification,verificationId}'))) WHERE (coalesce(data ->> 'verificationId', data #>> '{verification,verificationId}')) is not null;--> statement-breakpoint
CREATE INDEX "outbound_event_alarm" ON "outbound_event" USING btree ("id") WHERE type = 'alarm.raised';--> statement-breakpoint
CREATE INDEX "verification_reference" ON "verification" USING btree ("reference","id") WHERE reference is not null;