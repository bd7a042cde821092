import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** Everything `GET /metrics` shows. One per server, so that several can live in one process. */
export interface HttpMetrics {
  readonly registry: Registry;
  readonly requestSeconds: Histogram<"method" | "route" | "status">;
  readonly eventsAccepted: Counter<"environment">;
  readonly eventsTooOld: Counter<"environment">;
}

export function createMetrics(): HttpMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requestSeconds: new Histogram({
      name: "ledgerline_http_request_seconds",
      help: "Time to answer a request of the core API",
      labelNames: ["method", "route", "status"],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    eventsAccepted: new Counter({
      name: "ledgerline_usage_events_accepted_total",
      help: "Usage events that were new and were stored",
      labelNames: ["environment"],
      registers,
    }),
    eventsTooOld: new Counter({
      name: "ledgerline_usage_events_too_old_total",
      help: "Usage events older than 34 days: stored, not counted",
      labelNames: ["environment"],
      registers,
    }),
  };
}

/** Measures every request by its route pattern, never by its URL, so that ids make no new series. */
export function addMetrics(http: FastifyInstance, metrics: HttpMetrics): void {
  http.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    metrics.requestSeconds.observe(labels, reply.elapsedTime / 1000);
    request.log.debug(
      {
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.trunc(reply.elapsedTime),
      },
      "request",
    );
  });
}
