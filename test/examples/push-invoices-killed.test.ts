import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { monthStart } from "../support/billed-customer.ts";
import { connectCustomSystem, openCustomBilling } from "../support/custom-system.ts";
import {
  type ProviderProxy,
  type ProxiedCall,
  startProviderProxy,
} from "../support/provider-proxy.ts";
import { expectOneDocument, openPusher, type Pusher } from "../support/pusher.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { startTargetSystem, type TargetSystem } from "../support/target-system.ts";

/**
 * The example is killed -9 at each of its calls, before the call has its effect and after it, and started
 * again. A proxy on either side sees its calls and kills it; the target knows no idempotency keys, so that only
 * looking first keeps the second document away.
 */
let server: TestServer;
let target: TargetSystem;
let pusher: Pusher;
let billing: Awaited<ReturnType<typeof openCustomBilling>>;
const proxies: Record<"ours" | "theirs", ProviderProxy | undefined> = {
  ours: undefined,
  theirs: undefined,
};

beforeAll(async () => {
  server = await startTestServer();
  target = await startTargetSystem();
  target.knowsKeys = false;
  const { origin, pathname } = new URL(target.url);
  proxies.ours = await startProviderProxy(server.url);
  proxies.theirs = await startProviderProxy(origin);
  await server.setClock(monthStart(-2));
  const connection = await connectCustomSystem(server);
  billing = await openCustomBilling(server);
  pusher = openPusher(server, connection, {
    core: proxies.ours.url,
    target: `${proxies.theirs.url}${pathname}`,
  });
  await pusher.start();
}, 60_000);
afterAll(async () => {
  await pusher?.kill();
  await proxies.ours?.close();
  await proxies.theirs?.close();
  await target?.close();
  await server?.close();
});

const CALLS = [
  ["ours", "GET", /^\/v1\/runs/, "asks what waits"],
  ["ours", "GET", /^\/v1\/customers\//, "fetches the invoice"],
  ["theirs", "GET", /^\/invoices/, "looks for its document"],
  ["theirs", "POST", /^\/invoices/, "makes it"],
  ["ours", "PUT", /\/external-invoice$/, "writes it back"],
] as const;

test.each(
  CALLS.flatMap(([side, method, path, what]) =>
    (["before", "after"] as const).map((moment) => ({ side, method, path, what, moment })),
  ),
)("killed when it $what, $moment its effect: one document, written back", async (cell) => {
  const { side, method, path, moment } = cell;
  const proxy = proxies[side];
  if (proxy === undefined) throw new Error("no proxy");
  let deaths = 0;
  const strike = async (call: ProxiedCall) => {
    if (call.method !== method || !path.test(call.path)) return undefined;
    proxy[moment] = undefined;
    await pusher.kill();
    deaths += 1;
    return "reset" as const;
  };
  proxy[moment] = strike;
  const invoice = await billing.bill();
  await vi.waitFor(() => expect(deaths).toBe(1), { timeout: 20_000 });
  await pusher.start();
  await expectOneDocument(server, target, invoice);
  const { body } = await server.send("GET", `/v1/runs?invoice_id=${invoice.id}`);
  expect(body.data).toMatchObject([{ status: "SENT" }]);
});
