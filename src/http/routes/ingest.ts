import { Type } from "typebox";
import type { CoreDb } from "../../db/database.ts";
import { assert } from "../../errors.ts";
import type { Services } from "../../operations/context.ts";
import { openUsageIntake } from "../../operations/ingest-usage.ts";
import { idempotencyKeyOf, runOnce } from "../idempotency.ts";
import type { HttpMetrics } from "../metrics.ts";
import { InstantField, ObjectField, TextField } from "../schemas/fields.ts";
import { readUsageEvents } from "../schemas/usage-events.ts";
import type { CoreServer } from "../server.ts";

const EventsBody = Type.Array(
  ObjectField({
    transaction_id: TextField({ max: 128 }),
    customer_id: TextField({ max: 256 }),
    event_type: TextField({ max: 256 }),
    timestamp: InstantField(),
    properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
  { minItems: 1, maxItems: 100 },
);

export interface IngestDeps {
  readonly db: CoreDb;
  readonly services: Services;
  readonly metrics: HttpMetrics;
}

/**
 * Usage comes in here. The route checks its body and answers by itself: what the
 * other routes share costs more than all the rest of an ingest request.
 */
export function addIngestRoutes(http: CoreServer, { db, services, metrics }: IngestDeps): void {
  const intake = openUsageIntake({
    db,
    clock: services.clock,
    onRecorded: ({ name }, { accepted, tooOld }) => {
      metrics.eventsAccepted.inc({ environment: name }, accepted);
      if (tooOld > 0) metrics.eventsTooOld.inc({ environment: name }, tooOld);
    },
  });
  http.route({
    method: "POST",
    url: "/v1/ingest",
    schema: { tags: ["usage"], summary: "Send 1 to 100 usage events", body: EventsBody },
    config: { plain: true },
    validatorCompiler: () => () => true,
    handler: async (request, reply) => {
      const environment = request.token?.environment;
      assert(environment !== undefined, "request is authenticated");
      const ignoreUnknown = request.headers["x-ignore-unknown-fields"] === "true";
      const { events, ignored } = readUsageEvents(request.body, ignoreUnknown);
      if (ignored.length > 0) reply.header("x-ignored-fields", ignored.slice(0, 20).join(", "));
      const key = idempotencyKeyOf(request);
      if (key === undefined) {
        sayTooOld(await intake.submit(environment, events));
      } else {
        await runOnce(request, reply, { db, vault: services.vault, key }, async (tx) => {
          sayTooOld(await intake.record(tx, environment, events));
          return "";
        });
      }
      return reply.send();

      function sayTooOld({ tooOld }: { tooOld: number }): void {
        if (tooOld > 0) reply.header("x-ledgerline-events-too-old", tooOld);
      }
    },
  });
}
