import { Type } from "typebox";
import { instant, instantText } from "../../domain/time.ts";
import { AppError, invalid } from "../../errors.ts";
import type { ClockState } from "../../platform/clock/clock.ts";
import { operationOf } from "../request-context.ts";
import { InstantField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

export interface SandboxClock {
  read(): Promise<ClockState>;
  advance(to: ReturnType<typeof instant>): Promise<void>;
  release(): Promise<void>;
}

const toView = (state: ClockState) => ({
  data: { now: instantText(state.now), frozen: state.frozen },
});

const tags = ["sandbox"];

/** The sandbox's clock: read it, move it, let it run (docs/sandbox.md). */
export function addSandboxClockRoutes(http: CoreServer, clock: SandboxClock): void {
  http.route({
    method: "GET",
    url: "/v1/sandbox/clock",
    schema: { tags, summary: "What time it is in the sandbox" },
    handler: async (request) => {
      demandSandbox(operationOf(request).environment.name);
      return toView(await clock.read());
    },
  });
  http.route({
    method: "POST",
    url: "/v1/sandbox/clock",
    schema: {
      tags,
      summary: "Move the sandbox's time, or let it run on",
      body: ObjectField({
        now: Type.Optional(InstantField()),
        frozen: Type.Optional(Type.Literal(false)),
      }),
    },
    config: { plain: true },
    handler: async (request, reply) => {
      demandSandbox(request.token?.environment.name);
      const { now, frozen } = request.body;
      if ((now === undefined) === (frozen === undefined)) {
        throw invalid('Send either {"now": instant} or {"frozen": false}', "now");
      }
      await (now === undefined ? clock.release() : clock.advance(instant(now)));
      return reply.send(toView(await clock.read()));
    },
  });
}

function demandSandbox(environment: string | undefined): void {
  if (environment === "SANDBOX") return;
  throw new AppError(
    "forbidden",
    "production_clock",
    "PRODUCTION runs on real time; use a token of the SANDBOX environment",
  );
}
