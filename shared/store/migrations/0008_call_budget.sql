CREATE TABLE "call_budget" (
	"api" text PRIMARY KEY NOT NULL,
	"next_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "verification_urgent" ON "verification" USING btree ("purge_at") WHERE archive_at is not null;