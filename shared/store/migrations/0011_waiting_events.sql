DROP INDEX "outbound_event_created";--> statement-breakpoint
CREATE INDEX "outbound_event_created" ON "outbound_event" USING btree ("created_at") WHERE deliver_at is null;