CREATE TABLE "attempt" (
	"verification_id" text NOT NULL,
	"seq" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"code" text,
	"charged" boolean,
	CONSTRAINT "attempt_verification_id_seq_pk" PRIMARY KEY("verification_id","seq")
);
--> statement-breakpoint
CREATE TABLE "creation_count" (
	"subject" text NOT NULL,
	"window_seconds" integer NOT NULL,
	"window_start" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "creation_count_subject_window_seconds_window_start_pk" PRIMARY KEY("subject","window_seconds","window_start")
);
--> statement-breakpoint
CREATE TABLE "idempotency_key" (
	"caller" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" "bytea" NOT NULL,
	"verification_id" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_key_caller_key_pk" PRIMARY KEY("caller","key")
);
--> statement-breakpoint
CREATE TABLE "outbound_event" (
	"id" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"data" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"deliver_at" timestamp (3) with time zone,
	"tries" integer DEFAULT 0 NOT NULL,
	"delivered_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "verification" (
	"id" text PRIMARY KEY NOT NULL,
	"channel" text NOT NULL,
	"owner" text NOT NULL,
	"reference" text,
	"state_hash" "bytea",
	"return_url" text,
	"identity" "bytea",
	"person_hash" "bytea",
	"issued" "bytea",
	"status" text DEFAULT 'pending' NOT NULL,
	"reason" jsonb,
	"last_attempt" jsonb,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"purge_at" timestamp (3) with time zone,
	"settled_at" timestamp (3) with time zone,
	"check_at" timestamp (3) with time zone,
	"archive_status" text DEFAULT 'due' NOT NULL,
	"archive_at" timestamp (3) with time zone,
	"archive_tries" integer DEFAULT 0 NOT NULL,
	"archive_run" text,
	"archive_lease_until" timestamp (3) with time zone,
	"archived_at" timestamp (3) with time zone,
	"manifest" text,
	"manifest_sha256" text,
	"purge_alarm_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_verification_id_verification_id_fk" FOREIGN KEY ("verification_id") REFERENCES "public"."verification"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "creation_count_window" ON "creation_count" USING btree ("window_start");--> statement-breakpoint
CREATE INDEX "idempotency_key_expiry" ON "idempotency_key" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "outbound_event_due" ON "outbound_event" USING btree ("deliver_at") WHERE deliver_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "verification_state" ON "verification" USING btree ("state_hash") WHERE state_hash is not null;--> statement-breakpoint
CREATE INDEX "verification_check" ON "verification" USING btree ("check_at") WHERE check_at is not null;--> statement-breakpoint
CREATE INDEX "verification_archive" ON "verification" USING btree ("archive_at") WHERE archive_at is not null;--> statement-breakpoint
CREATE INDEX "verification_purge" ON "verification" USING btree ("purge_at") WHERE archive_status in ('due', 'archiving');--> statement-breakpoint
CREATE INDEX "verification_owner" ON "verification" USING btree ("owner","created_at");--> statement-breakpoint
CREATE INDEX "verification_person" ON "verification" USING btree ("person_hash") WHERE person_hash is not null;