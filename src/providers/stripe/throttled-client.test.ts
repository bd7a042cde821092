import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RateGate } from "../../platform/rate/rate-gate.ts";
import { fromWriteError } from "./errors.ts";
import { throttled } from "./throttled-client.ts";

let server: Server;
let reply: { status: number; headers: Record<string, string>; body: string };

beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
    response.end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const FREE = { pass: async () => undefined, pause: async () => undefined };

const clientOver = (gate: RateGate) =>
  new Stripe("sk_test_of_this_test", {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    protocol: "http",
    maxNetworkRetries: 0,
    httpClient: throttled(gate, "one", 20),
  });

test.each([
  [400, "{}"],
  [403, "{}"],
  [404, "{}"],
  [503, "{}"],
  [403, '{"error":"Forbidden"}'],
  [404, '{"timestamp":"x","status":404,"error":"Not Found","path":"/v1/invoices"}'],
  [404, '{"error":{"code":404,"message":"no route","status":"NOT_FOUND"}}'],
  [302, '{"message":"moved"}'],
])(
  "%d %s without a word of Stripe is no success, and no refusal of Stripe's either",
  async (status, body) => {
    reply = { status, headers: {}, body };
    const error = await clientOver(FREE)
      .balance.retrieve()
      .catch((failure: unknown) => failure);
    expect(fromWriteError(error)).toMatchObject({ outcome: "retry" });
  },
);

test.each<[number, Record<string, string>, string[], string]>([
  [200, {}, ["pass one 20"], "each call passes"],
  [429, { "retry-after": "7" }, ["pass one 20", "pause one 7"], "it is asked to wait"],
  [503, { "retry-after": "2" }, ["pass one 20", "pause one 2"], "whatever the status"],
  [503, { "retry-after": "86400" }, ["pass one 20", "pause one 60"], "a minute at most"],
  [
    429,
    { "stripe-rate-limited-reason": "global-rate" },
    ["pass one 20", "pause one 1"],
    "too fast, without a word on how long",
  ],
  [429, {}, ["pass one 20"], "a lock that was not free says nothing of the rate"],
])("%d with %j: %j, because %s", async (status, headers, expected) => {
  reply = { status, headers, body: "{}" };
  const seen: string[] = [];
  const gate = {
    pass: async (key: string, perSecond: number) => void seen.push(`pass ${key} ${perSecond}`),
    pause: async (key: string, seconds: number) => void seen.push(`pause ${key} ${seconds}`),
  };
  await clientOver(gate)
    .balance.retrieve()
    .catch(() => undefined);
  expect(seen).toEqual(expected);
});
