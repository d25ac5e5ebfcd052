CREATE TABLE "heartbeat" (
	"timer" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"expected_by" timestamp with time zone NOT NULL,
	"alarmed_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "result_handle" RENAME TO "result_token";--> statement-breakpoint
-- Functions of the version before run until they are replaced, and again after a roll-back: they read and write through it.
CREATE VIEW "result_handle" AS SELECT * FROM "result_token";--> statement-breakpoint
ALTER TABLE "result_token" DROP CONSTRAINT "result_handle_verification_id_verification_id_fk";
--> statement-breakpoint
DROP INDEX "creation_count_window";--> statement-breakpoint
DROP INDEX "result_handle_verification";--> statement-breakpoint
ALTER TABLE "creation_count" ADD COLUMN "expires_at" timestamp (3) with time zone;--> statement-breakpoint
UPDATE "creation_count" SET "expires_at" = "window_start" + make_interval(secs => "window_seconds");--> statement-breakpoint
-- The default serves functions of the version before, which run until they are replaced.
ALTER TABLE "creation_count" ALTER COLUMN "expires_at" SET DEFAULT now() + interval '1 day';--> statement-breakpoint
ALTER TABLE "creation_count" ALTER COLUMN "expires_at" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "verification" ADD COLUMN "observed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "result_token" ADD CONSTRAINT "result_token_verification_id_verification_id_fk" FOREIGN KEY ("verification_id") REFERENCES "public"."verification"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "creation_count_expiry" ON "creation_count" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "idempotency_key_verification" ON "idempotency_key" USING btree ("verification_id");--> statement-breakpoint
CREATE INDEX "outbound_event_created" ON "outbound_event" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "result_token_verification" ON "result_token" USING btree ("verification_id");--> statement-breakpoint
CREATE INDEX "verification_draft" ON "verification" USING btree ("created_at") WHERE issued is null;