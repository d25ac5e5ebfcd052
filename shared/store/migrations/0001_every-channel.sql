CREATE TABLE "access_token" (
	"app_id" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"sealed" "bytea",
	"expires_at" timestamp (3) with time zone,
	"refresh_at" timestamp (3) with time zone,
	"lease_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "result_handle" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"verification_id" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "seen_push" (
	"signature" text PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "result_handle" ADD CONSTRAINT "result_handle_verification_id_verification_id_fk" FOREIGN KEY ("verification_id") REFERENCES "public"."verification"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "result_handle_verification" ON "result_handle" USING btree ("verification_id");--> statement-breakpoint
CREATE INDEX "seen_push_at" ON "seen_push" USING btree ("at");