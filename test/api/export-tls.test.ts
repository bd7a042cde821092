import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Certificate, createCertificate } from "../support/certificates.ts";
import { openExports } from "../support/exports.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { ANY_WAY, startTlsPostgres, TLS_ONLY, type TlsPostgres } from "../support/tls-postgres.ts";

let server: TestServer;
let exports: ReturnType<typeof openExports>;
let warehouse: TlsPostgres;
let schemas = 0;

beforeAll(async () => {
  warehouse = await startTlsPostgres();
  server = await startTestServer();
  exports = openExports(server);
  await server.metronome.v1.customers.create({ name: "Acme" });
});

afterAll(async () => {
  await server.close();
  await warehouse.close();
});

beforeEach(() => {
  schemas += 1;
});

const schema = () => `tls_${schemas}`;

function destination(ssl: string, changes: object = {}, credential: object = {}) {
  return {
    name: "Warehouse",
    kind: "postgres",
    tables: ["customer"],
    settings: {
      host: "localhost",
      port: warehouse.port,
      database: "postgres",
      user: TLS_ONLY,
      schema: schema(),
      ssl,
      ...changes,
    },
    credential: { password: warehouse.password, ...credential },
  };
}

/** Exports to a new destination; answers the run as it ended, and the destination. */
async function exportTo(body: object) {
  const { id } = await exports.create(body);
  const { id: runId } = await exports.ask("POST", `/destinations/${id}/run`);
  const run = await exports.waitFor(runId);
  expect(JSON.stringify(run)).not.toContain(warehouse.password);
  return { id, run };
}

const customers = () => warehouse.query(`select name from ${schema()}.customer`);

describe("a server whose certificate nobody knows", () => {
  let own: Certificate;

  beforeAll(async () => {
    own = createCertificate("localhost");
    await warehouse.show(own);
  });

  test("is refused where certificates are verified, at once and with what to do", async () => {
    const { id, run } = await exportTo(destination("verify"));
    expect(run).toMatchObject({
      status: "FAILED",
      attempts: 1,
      error: {
        code: "certificate_refused",
        message: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT"),
        remedy: expect.stringContaining("credential.ca"),
      },
    });
    // As the remedy says: the same destination goes on.
    const credential = { password: warehouse.password, ca: own.certificate };
    await exports.ask("PATCH", `/destinations/${id}`, { credential });
    await exports.ask("POST", `/${run.id}/retry`);
    expect(await exports.waitFor(run.id)).toMatchObject({ status: "COMPLETED", error: null });
    expect(await customers()).toEqual([{ name: "Acme" }]);
  });

  test("is written to where encryption is enough: this user comes in over TLS alone", async () => {
    const { run } = await exportTo(destination("require"));
    expect([run.status, run.error]).toEqual(["COMPLETED", null]);
    expect(await customers()).toEqual([{ name: "Acme" }]);
  });

  test("that wants TLS is not written to without, and the way out is said", async () => {
    const { run } = await exportTo(destination("off"));
    expect(run).toMatchObject({
      status: "FAILED",
      attempts: 1,
      error: {
        code: "database_refused",
        message: expect.stringContaining("28000"),
        remedy: expect.stringContaining("settings.ssl verify or require"),
      },
    });
  });

  test("may be written to in clear where the server lets the user", async () => {
    const { run } = await exportTo(destination("off", { user: ANY_WAY }));
    expect([run.status, run.error]).toEqual(["COMPLETED", null]);
  });

  test("a wrong password is said as such over TLS too", async () => {
    const { run } = await exportTo(destination("require", {}, { password: "wrong" }));
    expect(run.error).toMatchObject({
      code: "database_refused",
      message: expect.stringContaining("28P01"),
      remedy: "Replace the destination's credential, then retry the run.",
    });
  });
});

describe("a server whose certificate an own authority signed", () => {
  let authority: Certificate;
  let signed: Certificate;

  beforeAll(async () => {
    authority = createCertificate("Authority of Acme");
    signed = createCertificate("localhost", { issuer: authority });
    await warehouse.show(signed);
  });

  test("is known by that authority's certificate, also as one of several", async () => {
    const other = createCertificate("Another authority");
    const ca = `${other.certificate}\n${authority.certificate}`;
    const { run } = await exportTo(destination("verify", {}, { ca }));
    expect([run.status, run.error]).toEqual(["COMPLETED", null]);
    expect(await customers()).toEqual([{ name: "Acme" }]);
  });

  test.each<[string, () => string | undefined, string]>([
    ["no authority is named", () => undefined, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    [
      "another one of that name is named",
      () => createCertificate("Authority of Acme").certificate,
      "CERT_SIGNATURE_FAILURE",
    ],
  ])("is refused when %s", async (_case, ca, code) => {
    const given = ca();
    const credential = given === undefined ? {} : { ca: given };
    const { run } = await exportTo(destination("verify", {}, credential));
    expect(run).toMatchObject({
      status: "FAILED",
      attempts: 1,
      error: { code: "certificate_refused", message: expect.stringContaining(code) },
    });
  });

  test("is refused under a name that the certificate is not for", async () => {
    const ca = authority.certificate;
    const { run } = await exportTo(destination("verify", { host: "127.0.0.1" }, { ca }));
    expect(run.error).toMatchObject({
      code: "certificate_refused",
      message: expect.stringContaining("ERR_TLS_CERT_ALTNAME_INVALID"),
      remedy: expect.stringContaining("settings.host"),
    });
  });

  test("is refused when its certificate is over", async () => {
    const over = createCertificate("localhost", { issuer: authority, isExpired: true });
    await warehouse.show(over);
    try {
      const ca = authority.certificate;
      const { run } = await exportTo(destination("verify", {}, { ca }));
      expect(run.error).toMatchObject({
        code: "certificate_refused",
        message: expect.stringContaining("CERT_HAS_EXPIRED"),
        remedy: expect.stringContaining("Renew"),
      });
    } finally {
      await warehouse.show(signed);
    }
  });
});

describe("a server without TLS", () => {
  test.each(["verify", "require"])("is not written to in clear: %s", async (ssl) => {
    await warehouse.show(undefined);
    const { run } = await exportTo(destination(ssl, { user: ANY_WAY }));
    expect(run).toMatchObject({
      status: "FAILED",
      attempts: 1,
      error: {
        code: "encryption_refused",
        remedy: expect.stringContaining("settings.ssl off"),
      },
    });
  });

  test("hears neither the user nor the password", async () => {
    const heard: Buffer[] = [];
    const deaf: Server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        heard.push(bytes);
        socket.write("N");
      });
    });
    await new Promise<void>((resolve) => {
      deaf.listen(0, "127.0.0.1", resolve);
    });
    const { port } = deaf.address() as { port: number };
    const { run } = await exportTo(destination("verify", { host: "127.0.0.1", port }));
    deaf.close();
    expect(run.error).toMatchObject({ code: "encryption_refused" });
    // The request for TLS, and nothing after it (PostgreSQL documentation, "Message Formats": SSLRequest).
    expect(Buffer.concat(heard)).toEqual(Buffer.from("0000000804d2162f", "hex"));
  });
});

describe("what is no authority's certificate", () => {
  const key = createCertificate("localhost").key;
  const certificate = createCertificate("localhost").certificate;

  test.each<[string, string, unknown]>([
    ["no PEM", "verify", "yes"],
    ["nothing", "verify", ""],
    ["no text", "verify", 5],
    ["no certificate inside of it", "verify", certificate.replace("MII", "AAA")],
    ["a private key beside it, which is nobody's business", "verify", `${certificate}${key}`],
    ["too much", "verify", certificate.repeat(200)],
    ["nothing is verified with it", "require", certificate],
    ["nothing is encrypted", "off", certificate],
  ])("is refused: %s (ssl %s)", async (_why, ssl, ca) => {
    const body = destination(ssl, {}, { ca });
    const { status, body: reply } = await server.send("POST", "/v1/exports/destinations", body);
    expect([status, reply.message]).toEqual([400, expect.stringContaining("credential.ca")]);
    expect(reply.message).not.toContain("PRIVATE");
  });

  test("a change is checked alike", async () => {
    const { id } = await exports.create(destination("require"));
    const credential = { password: "secret", ca: certificate };
    const path = `/v1/exports/destinations/${id}`;
    const { status, body } = await server.send("PATCH", path, { credential });
    expect([status, body.message]).toEqual([400, expect.stringContaining("credential.ca")]);
  });
});
