CREATE TABLE "access_log" (
	"number" integer PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"verification_ids" text[] NOT NULL,
	"previous" "bytea",
	"key_id" text NOT NULL,
	"signature" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE INDEX "access_log_at" ON "access_log" USING btree ("at");