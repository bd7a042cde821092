import { X509Certificate } from "node:crypto";
import { chownSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import pg from "pg";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../../src/platform/database/embedded-postgres.ts";
import { createTemporaryDataDir } from "../../src/platform/database/temporary-data-dir.ts";
import type { Certificate } from "./certificates.ts";

/** Who may come in any way, and who over TLS alone. */
export const ANY_WAY = "any_way";
export const TLS_ONLY = "tls_only";

export interface TlsPostgres {
  readonly port: number;
  /** Of both users. */
  readonly password: string;
  /** As the owner. */
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Lets it show this certificate from now on; without one it speaks no TLS. */
  show(certificate: Certificate | undefined): Promise<void>;
  close(): Promise<void>;
}

const RULES = `host all ledgerline,${ANY_WAY} 127.0.0.1/32 scram-sha-256
hostssl all ${TLS_ONLY} 127.0.0.1/32 scram-sha-256
`;

/** A Postgres server of the caller's own, whose TLS can be changed: a real one, at 127.0.0.1. */
export async function startTlsPostgres(): Promise<TlsPostgres> {
  const dataDir = await createTemporaryDataDir("test");
  const logger = pino({ level: "error" }, pino.destination(2));
  const server = await startEmbeddedPostgres({ dataDir, logger, durable: false });
  const url = server.url("postgres");
  const password = "a-password-of-the-warehouse";
  const cluster = join(dataDir, "postgres", "cluster");

  /** Programs of the database's user read it, and nobody else. */
  function write(name: string, text: string): void {
    const path = join(cluster, name);
    writeFileSync(path, text, { mode: 0o600 });
    const { uid, gid } = statSync(cluster);
    chownSync(path, uid, gid);
  }

  async function query(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** The certificate that a new connection is shown; undefined: none. */
  async function shown(): Promise<Buffer | undefined> {
    const client = new pg.Client({ connectionString: url, ssl: { rejectUnauthorized: false } });
    try {
      await client.connect();
    } catch {
      return undefined;
    }
    const { connection } = client as unknown as { connection: { stream: TLSSocket } };
    const { raw } = connection.stream.getPeerCertificate();
    await client.end();
    return raw;
  }

  write("pg_hba.conf", RULES);
  for (const user of [ANY_WAY, TLS_ONLY]) {
    await query(`create role ${user} login password '${password}'`);
    await query(`grant create on database postgres to ${user}`);
  }

  return {
    port: Number(new URL(url).port),
    password,
    query,
    async show(certificate) {
      if (certificate !== undefined) {
        write("server.crt", certificate.certificate);
        write("server.key", certificate.key);
      }
      await query(`alter system set ssl = ${certificate === undefined ? "off" : "on"}`);
      await query("select pg_reload_conf()");
      const wanted = certificate && new X509Certificate(certificate.certificate).raw;
      for (let n = 0; n < 200; n += 1) {
        const now = await shown();
        if (wanted === undefined ? now === undefined : now?.equals(wanted)) return;
        await sleep(50);
      }
      throw new Error("the server does not take over its certificate");
    },
    async close() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
