import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "../../errors.ts";
import { createOutgoing, type OutgoingPolicy } from "./outgoing.ts";

let server: http.Server;
let port: number;
const seen: { url: string; host: string; body: string }[] = [];

beforeAll(async () => {
  server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      seen.push({ url: request.url ?? "", host: request.headers.host ?? "", body });
      if (request.url === "/silent") return;
      if (request.url === "/drip") {
        response.writeHead(200);
        const drip = setInterval(() => response.write("x"), 10);
        response.on("close", () => clearInterval(drip));
        return;
      }
      if (request.url === "/redirect") response.writeHead(302, { location: "/elsewhere" }).end();
      else if (request.url === "/endless") {
        response.writeHead(200);
        response.write("x".repeat(300_000));
      } else response.writeHead(201, { "x-answer": "yes" }).end(`got ${body}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const NOBODY: OutgoingPolicy = { allowPrivateNetwork: false, trustedHosts: () => [] };
const ANYWHERE: OutgoingPolicy = { allowPrivateNetwork: true, trustedHosts: () => [] };
const request = { headers: { "content-type": "application/json" }, body: "{}", timeoutMs: 5000 };
const local = (path: string): string => `http://127.0.0.1:${port}${path}`;

test.each([
  ["ftp://example.com/", "another scheme"],
  ["file:///etc/passwd", "a file"],
  ["//example.com", "no scheme"],
  ["http://user:secret@example.com/", "a password in the address"],
  ["http://127.0.0.1/", "loopback"],
  ["http://2130706433/", "loopback as one number"],
  ["http://0x7f.1/", "loopback in hexadecimal"],
  ["http://localhost:4400/", "loopback by name"],
  ["http://api.localhost/", "loopback by a name below it"],
  ["http://169.254.169.254/latest/meta-data", "metadata service"],
  ["http://[::1]/", "loopback, IPv6"],
  ["http://[::ffff:169.254.169.254]/", "metadata service, mapped"],
  ["http://[fd00::1]/", "unique local"],
])("%s is refused: %s", async (url) => {
  const outgoing = createOutgoing(NOBODY);
  expect(() => outgoing.check(url)).toThrow(AppError);
  await expect(outgoing.post(url, request)).rejects.toMatchObject({ code: "address_refused" });
});

test("a name is judged by all addresses it stands for", async () => {
  const resolving = (...addresses: string[]): OutgoingPolicy => ({
    ...NOBODY,
    resolveName: async () => addresses.map((address) => ({ address, family: 4 })),
  });
  for (const addresses of [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"]]) {
    const outgoing = createOutgoing(resolving(...addresses));
    await expect(outgoing.post("http://evil.example/", request)).rejects.toThrow("private network");
  }
});

test("the address that was checked is the one that is called, under its own name", async () => {
  let lookups = 0;
  const outgoing = createOutgoing({
    ...ANYWHERE,
    resolveName: async () => {
      lookups += 1;
      return [{ address: "127.0.0.1", family: 4 }];
    },
  });
  const reply = await outgoing.post(`http://no-such-name.example:${port}/named`, request);
  expect(reply.status).toBe(201);
  expect(lookups).toBe(1);
  expect(seen.at(-1)?.host).toBe(`no-such-name.example:${port}`);
});

test("a trusted host may be private, on its port alone", async () => {
  const outgoing = createOutgoing({ ...NOBODY, trustedHosts: () => [`127.0.0.1:${port}`] });
  const reply = await outgoing.post(local("/hook"), { ...request, body: "héllo" });
  expect(reply).toMatchObject({ status: 201, body: "got héllo" });
  expect(reply.headers["x-answer"]).toBe("yes");
  await expect(outgoing.post("http://127.0.0.1:1/", request)).rejects.toThrow("private network");
});

/** A receiver that says on which connection it was called, and hangs up when told to. */
async function withReceiver(
  hangsUp: (call: number) => boolean,
  use: (call: (address?: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const connections: unknown[] = [];
  let calls = 0;
  const receiver = http.createServer((incoming, response) => {
    const { socket } = incoming;
    if (!connections.includes(socket)) connections.push(socket);
    calls += 1;
    if (hangsUp(calls)) socket.destroy();
    else response.end(`connection ${connections.indexOf(socket) + 1}`);
  });
  await new Promise<void>((resolve) => receiver.listen(0, resolve));
  const url = `http://receiver.example:${(receiver.address() as AddressInfo).port}/`;
  let resolvesTo = "127.0.0.1";
  const outgoing = createOutgoing({
    ...ANYWHERE,
    resolveName: async () => [{ address: resolvesTo, family: 4 }],
  });
  const call = async (address = "127.0.0.1") => {
    resolvesTo = address;
    const { body } = await outgoing.post(url, request);
    // A connection is given back after its answer was read.
    await new Promise((resolve) => setImmediate(resolve));
    return body;
  };
  try {
    await use(call);
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
}

test("a connection is kept for the next call, and only for the address that it goes to", () =>
  withReceiver(
    () => false,
    async (call) => {
      expect([await call(), await call(), await call("127.0.0.2"), await call()]).toEqual([
        "connection 1",
        "connection 1",
        "connection 2",
        "connection 1",
      ]);
    },
  ));

test("a call on a kept connection that is gone goes again on a new one", () =>
  withReceiver(
    (call) => call === 2,
    async (call) => {
      expect([await call(), await call()]).toEqual(["connection 1", "connection 2"]);
    },
  ));

test("a receiver that hangs up on a new connection is not called again", () =>
  withReceiver(
    (call) => call !== 1,
    async (call) => {
      expect(await call()).toBe("connection 1");
      // On the kept one, and again on a new one: that is all.
      await expect(call()).rejects.toThrow("socket hang up");
      await expect(call()).rejects.toThrow("socket hang up");
    },
  ));

test("redirects are answers, not directions", async () => {
  const before = seen.length;
  expect((await createOutgoing(ANYWHERE).post(local("/redirect"), request)).status).toBe(302);
  expect(seen.slice(before).map(({ url }) => url)).toEqual(["/redirect"]);
});

test("an answer is cut off at its limit", async () => {
  const limits = { ...request, maxResponseBytes: 100_000 };
  const reply = await createOutgoing(ANYWHERE).post(local("/endless"), limits);
  expect(reply.status).toBe(200);
  expect(reply.body.length).toBeLessThanOrEqual(100_000);
});

test.each([
  ["a receiver that never answers", () => local("/silent"), ANYWHERE],
  ["a receiver that drips its answer for ever", () => local("/drip"), ANYWHERE],
  [
    "a name that never resolves",
    () => "http://slow.example/",
    { ...ANYWHERE, resolveName: () => new Promise<never>(() => {}) },
  ],
])("%s is given up after the timeout", async (_what, url, policy) => {
  const outgoing = createOutgoing(policy);
  await expect(outgoing.post(url(), { ...request, timeoutMs: 100 })).rejects.toThrow(
    /abort|timeout/i,
  );
});
