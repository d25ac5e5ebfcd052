ALTER TABLE "verification" ADD COLUMN "identity_source" text DEFAULT 'none' NOT NULL;--> statement-breakpoint
UPDATE "verification" SET "identity_source" = 'requested' WHERE "identity" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "verification" ADD COLUMN "archive_missing" jsonb;