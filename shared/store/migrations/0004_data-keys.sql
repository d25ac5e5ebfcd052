ALTER TABLE "verification" ADD COLUMN "data_key" "bytea";--> statement-breakpoint
ALTER TABLE "verification" ADD COLUMN "person_key_id" text;