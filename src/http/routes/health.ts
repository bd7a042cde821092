import type { CoreServer } from "../server.ts";

export interface Health {
  /** Reasons why the server cannot serve at all; none means ready. */
  blocked(): Promise<string[]>;
  /** Reasons why it serves with less than everything. */
  degraded(): Promise<string[]>;
  /** Billing work that is overdue or dead, in words for an operator. */
  overdueBilling(): Promise<string[]>;
}

const tags = ["system"];

/** Liveness, readiness, and whether billing work gets done. */
export function addHealthRoutes(http: CoreServer, health: Health): void {
  const config = { public: true };
  http.route({
    method: "GET",
    url: "/health/live",
    config,
    schema: { tags, summary: "The process runs", security: [] },
    handler: async () => ({ status: "ok" }),
  });
  http.route({
    method: "GET",
    url: "/health/ready",
    config,
    schema: { tags, summary: "Migrated and able to serve", security: [] },
    handler: async (_request, reply) => {
      const blocked = await health.blocked();
      if (blocked.length > 0)
        return reply.code(503).send({ status: "unavailable", reasons: blocked });
      const degraded = await health.degraded();
      return { status: degraded.length > 0 ? "degraded" : "ok", degraded };
    },
  });
  http.route({
    method: "GET",
    url: "/health/billing",
    config,
    schema: { tags, summary: "Billing work is done in time", security: [] },
    handler: async (_request, reply) => {
      const reasons = await health.overdueBilling();
      return reply.code(reasons.length > 0 ? 503 : 200).send({
        status: reasons.length > 0 ? "overdue" : "ok",
        reasons,
      });
    },
  });
}
