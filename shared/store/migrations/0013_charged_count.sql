CREATE TABLE "charged_count" (
	"day" date NOT NULL,
	"slot" integer NOT NULL,
	"charged" integer NOT NULL,
	CONSTRAINT "charged_count_day_slot_pk" PRIMARY KEY("day","slot")
);
--> statement-breakpoint
-- Sorted, so that two statements never wait for each other in a circle; one that records the attempts of one verification has one slot.
CREATE FUNCTION "attempt_count_charged"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO charged_count AS c (day, slot, charged)
			SELECT (at AT TIME ZONE 'Asia/Shanghai')::date, ascii(right(verification_id, 1)) % 16, count(*)
			FROM added WHERE charged GROUP BY 1, 2 ORDER BY 1, 2
			ON CONFLICT (day, slot) DO UPDATE SET charged = c.charged + excluded.charged;
	ELSE
		INSERT INTO charged_count AS c (day, slot, charged)
			SELECT (at AT TIME ZONE 'Asia/Shanghai')::date, ascii(right(verification_id, 1)) % 16, sum(n)
			FROM (SELECT at, verification_id, 1 AS n FROM added WHERE charged
				UNION ALL SELECT at, verification_id, -1 FROM removed WHERE charged) changed
			GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2
			ON CONFLICT (day, slot) DO UPDATE SET charged = c.charged + excluded.charged;
	END IF;
	RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "attempt_charged_insert" AFTER INSERT ON "attempt" REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION "attempt_count_charged"();--> statement-breakpoint
CREATE TRIGGER "attempt_charged_update" AFTER UPDATE ON "attempt" REFERENCING OLD TABLE AS removed NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION "attempt_count_charged"();--> statement-breakpoint
-- The triggers' lock lets nobody write until the end, so that each attempt is counted once. By the server's clock: only what the console still shows.
INSERT INTO "charged_count" SELECT (at AT TIME ZONE 'Asia/Shanghai')::date, 0, count(*) FROM "attempt"
	WHERE charged AND at >= now() - interval '32 days' GROUP BY 1;--> statement-breakpoint
DROP INDEX "attempt_charged";
