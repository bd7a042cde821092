import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { sql } from "kysely";
import { afterEach, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";

/** Receivers of webhooks that mean harm, or whose address has come to mean something else. */
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openCollect(allowPrivateNetwork: boolean): Promise<TestCollect> {
  const collect = await openTestCollect(undefined, { allowPrivateNetwork });
  closers.push(collect.close);
  return collect;
}

/** A server and the paths it was asked for. */
async function openServer(answer: RequestListener) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

interface Delivery {
  readonly state: string;
  readonly status: number | null;
  readonly error: string | null;
}

/** Makes one event and waits until its first delivery has been tried. */
async function deliverOne(collect: TestCollect): Promise<Delivery | undefined> {
  await collect.stripe.customers.create({});
  await collect.advanceTo("2024-01-01T00:00:00Z");
  const { rows } = await sql<Delivery>`select state, last_status as status, last_error as error
    from collect.webhook_deliveries`.execute(collect.db);
  return rows[0];
}

const listen = (collect: TestCollect, url: string) =>
  collect.stripe.webhookEndpoints.create({ url, enabled_events: ["customer.created"] });

test("a redirect is a failure, and nobody goes where it points", async () => {
  const collect = await openCollect(true);
  const inside = await openServer((_request, response) => response.end());
  const outside = await openServer((_request, response) => {
    response.writeHead(307, { location: `${inside.url}/secrets` }).end();
  });
  await listen(collect, `${outside.url}/hook`);
  expect(await deliverOne(collect)).toMatchObject({ state: "pending", status: 307 });
  expect([outside.asked, inside.asked]).toEqual([["/hook"], []]);
});

test("an answer without end counts by its status; the rest of it is not waited for", async () => {
  const collect = await openCollect(true);
  let sent = 0;
  const endless = await openServer((_request, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write("x".repeat(16_384))) sent += 16_384;
    };
    response.on("drain", more);
    more();
  });
  await listen(collect, `${endless.url}/hook`);
  const began = performance.now();
  expect(await deliverOne(collect)).toMatchObject({ state: "delivered", status: 200 });
  // Far below the five seconds that a receiver has, and not more than what buffers on the way hold.
  expect(performance.now() - began).toBeLessThan(4000);
  expect(sent).toBeLessThan(50_000_000);
});

test("headers without end are a failure", async () => {
  const collect = await openCollect(true);
  const big = await openServer((_request, response) => {
    for (let at = 0; at < 40; at += 1) response.setHeader(`x-${at}`, "y".repeat(1000));
    response.end();
  });
  await listen(collect, `${big.url}/hook`);
  expect(await deliverOne(collect)).toMatchObject({ state: "pending", status: null });
});

test("an address that has come to be private is not called", async () => {
  const collect = await openCollect(false);
  const inside = await openServer((_request, response) => response.end());
  const { id } = await listen(collect, "https://example.com/hook");
  // As if the name had been allowed once, by a server with other settings.
  await sql`update collect.webhook_endpoints set url = ${`${inside.url}/hook`} where id = ${id}`.execute(
    collect.db,
  );
  expect(await deliverOne(collect)).toMatchObject({
    state: "pending",
    status: null,
    error: expect.stringContaining("private network"),
  });
  expect(inside.asked).toEqual([]);
});
