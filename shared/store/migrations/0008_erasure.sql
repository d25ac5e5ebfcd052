CREATE TABLE "erasure" (
	"number" integer PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"recheck_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "verification" ADD COLUMN "erased_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "erasure_recheck" ON "erasure" USING btree ("recheck_at") WHERE recheck_at is not null;--> statement-breakpoint
CREATE INDEX "attempt_at" ON "attempt" USING btree ("at");--> statement-breakpoint
CREATE INDEX "verification_kept" ON "verification" USING btree ("id") WHERE erased_at is null;