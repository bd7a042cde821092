import type { Kysely } from "kysely";
import type { Logger } from "pino";
import type { Clock } from "../platform/clock/clock.ts";
import { createJobRunner, type JobRunner } from "../platform/jobs/runner.ts";
import type { Mailer } from "../platform/mail/mailer.ts";
import { createOutgoing } from "../platform/network/outgoing.ts";
import type { Vault } from "../platform/secrets/encryption.ts";
import type { CollectDatabase } from "./db/tables.ts";
import { createEndpoints } from "./http/endpoints.ts";
import { resources } from "./http/resources.ts";
import { createServer } from "./http/server.ts";
import type { CollectContext } from "./in-scope.ts";
import { createBatchHandlers, createJobHandlers } from "./jobs/handlers.ts";
import { ensureTestAccount } from "./operations/ensure-test-account.ts";

export { collectMigrations } from "./db/migrations/index.ts";

export interface CollectOptions<Tables> {
  /** A handle on the migrated database, whatever else is in it. */
  readonly db: Kysely<Tables>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seals signing secrets and kept replies. */
  readonly vault: Vault;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Whether webhook endpoints may be on loopback or private networks. */
  readonly allowPrivateNetwork: boolean;
  /** `host:port` of services that may be called wherever they are. */
  readonly trustedHosts: () => readonly string[];
  /** Base of the links that customers get; undefined: where Collect itself answers. */
  readonly publicUrl?: string | undefined;
  /** undefined: mails are kept and shown. */
  readonly mailer?: Mailer | undefined;
  /** The environment that an API token of the product belongs to: its owner manages accounts. */
  readonly findAdministrator: (token: string) => Promise<"PRODUCTION" | "SANDBOX" | undefined>;
}

/** The Stripe-compatible invoicing service: its HTTP surface is open, its jobs wait to be started or drained. */
export interface Collect {
  /** http://127.0.0.1:4401, with the port that was really bound. */
  readonly url: string;
  readonly jobs: JobRunner;
  /** Makes sure that the sandbox's account answers to this sk_test_ key. Safe to call again. */
  ensureTestAccount(secretKey: string): Promise<void>;
  close(): Promise<void>;
}

const JOB_CONCURRENCY = 4;

/** Opens Collect on a migrated database. */
export async function openCollect<Tables>(options: CollectOptions<Tables>): Promise<Collect> {
  const { clock, logger, vault, host, port, allowPrivateNetwork, trustedHosts, findAdministrator } =
    options;
  // The tables of Collect are in a schema of their own; the caller's handle need not know them.
  const db = options.db.withSchema("collect") as unknown as Kysely<CollectDatabase>;
  const address = { url: "" };
  const publicUrl = () => options.publicUrl ?? address.url;
  const { mailer } = options;
  const sendsMail = mailer !== undefined;
  const context: CollectContext = { db, clock, logger, vault, publicUrl, sendsMail };
  const outgoing = createOutgoing({ allowPrivateNetwork, trustedHosts });
  const jobs: JobRunner = createJobRunner({
    db,
    table: "collect.jobs",
    clock,
    handlers: createJobHandlers(context, outgoing, mailer, () => jobs),
    batches: createBatchHandlers(context, outgoing),
    logger,
    concurrency: JOB_CONCURRENCY,
    hasTestClocks: true,
  });
  const server = createServer(
    { ...context, resources, findAdministrator },
    createEndpoints({ outgoing }),
  );
  const url = await server.listen({ host, port });
  address.url = url;
  return {
    url,
    jobs,
    ensureTestAccount: (secretKey) => ensureTestAccount(context, secretKey),
    async close() {
      await server.close();
      await jobs.stop();
    },
  };
}
