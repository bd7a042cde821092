import type { AddressInfo } from "node:net";
import { type Collect, openCollect } from "./collect/collect.ts";
import type { Config } from "./config.ts";
import type { CoreDb } from "./db/database.ts";
import { createMetrics } from "./http/metrics.ts";
import { addRoutes } from "./http/routes/index.ts";
import { addUnimplementedRoutes } from "./http/routes/unimplemented.ts";
import { createServer } from "./http/server.ts";
import { coreBatchHandlers, coreJobHandlers } from "./jobs/index.ts";
import { openCore } from "./open-core.ts";
import { billingHealth } from "./operations/billing-health.ts";
import { bootstrapTokens, type GeneratedTokens } from "./operations/bootstrap-tokens.ts";
import { connectCollect } from "./operations/connect-collect.ts";
import { connectionHealth } from "./operations/connection-health.ts";
import type { Services } from "./operations/context.ts";
import { exportHealth } from "./operations/exports/export-health.ts";
import { advanceClock, releaseClock, watchAdvance } from "./platform/clock/advance.ts";
import { readClock } from "./platform/clock/clock.ts";
import { pingDatabase } from "./platform/database/database.ts";
import { createJobRunner } from "./platform/jobs/runner.ts";
import { createLogger } from "./platform/logger.ts";
import { createMailer, type Mailer } from "./platform/mail/mailer.ts";
import { createOutgoing } from "./platform/network/outgoing.ts";
import { createRateGate } from "./platform/rate/rate-gate.ts";
import { sharedSlots } from "./platform/rate/shared-slots.ts";
import { hashSecret } from "./platform/secrets/secret-hash.ts";
import { createProviders, createUsageReporters } from "./providers/index.ts";
import type { ProviderRegistry } from "./providers/provider.ts";
import { findToken } from "./store/api-tokens.ts";

export interface App {
  readonly url: string;
  /** undefined when Collect is off. */
  readonly collectUrl: string | undefined;
  /** Tokens and keys that were made at this start: shown once, stored hashed. */
  readonly generated: GeneratedTokens;
  readonly db: CoreDb;
  /** Finishes what is running, then stops everything in the opposite order of its start. */
  close(): Promise<void>;
}

const JOB_CONCURRENCY = 4;
/** Work that mostly waits for others' answers, and how much of it a process does at once. */
const BACKGROUND_JOBS = {
  "deliver-credit-note": 4,
  "deliver-invoice": 16,
  "deliver-webhook": 8,
  "run-export": 2,
  "send-usage-reports": 4,
} as const;

/**
 * Opens the whole product, with further providers beside its own when they are given. What was opened
 * is closed again when a later part fails.
 */
export async function openApp(config: Config, further: ProviderRegistry = {}): Promise<App> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await compose(config, further, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function compose(
  config: Config,
  further: ProviderRegistry,
  closers: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<App> {
  const logger = createLogger(config.logLevel);
  const { db, vault, clock } = await openCore(config, logger, closers);
  const base = { url: "", collectUrl: undefined as string | undefined };
  const publicUrl = () => config.publicUrl ?? base.url;
  const trustedHosts = () =>
    [base.url, base.collectUrl, config.stripeApiBase, config.qboApiBase, config.qboOauthBase]
      .filter((url) => url !== undefined && url !== "")
      .map((url) => new URL(url as string).host);
  const outgoing = createOutgoing({
    allowPrivateNetwork: config.allowPrivateNetwork,
    trustedHosts,
  });
  const mailer = config.mail && createMailer(config.mail.smtpUrl, config.mail.from);
  if (mailer !== undefined) closers.push(async () => mailer.close());
  const services: Services = {
    clock,
    vault,
    outgoing,
    logger,
    mailer,
    publicUrl,
    exportDir: config.exportDir,
    providers: {
      ...createProviders({
        stripe: { override: config.stripeApiBase, collect: () => base.collectUrl },
        quickBooks: { api: config.qboApiBase, oauth: config.qboOauthBase },
        outgoing,
        gate: createRateGate({ slots: sharedSlots(db) }),
      }),
      ...further,
    },
    usageReporters: createUsageReporters({ aws: config.awsMarketplaceApiBase }),
  };
  const metrics = createMetrics();
  const jobs = createJobRunner({
    db,
    table: "core_jobs",
    clock,
    handlers: coreJobHandlers({ db, services }),
    batches: coreBatchHandlers({ db, services }),
    background: BACKGROUND_JOBS,
    logger,
    concurrency: JOB_CONCURRENCY,
  });

  const collect = await openCollectWhenOn(config, {
    db,
    clock,
    logger,
    vault,
    trustedHosts,
    mailer,
  });
  if (collect !== undefined) closers.push(() => collect.close());
  base.collectUrl = collect?.url;

  const http = await createServer({ db, services, metrics });
  const parts = collect === undefined ? [jobs] : [jobs, collect.jobs];
  addRoutes(http, {
    db,
    collectUrl: () => base.collectUrl,
    services,
    metrics,
    sandboxClock: {
      read: () => readClock(db, "SANDBOX"),
      advance: (to) => advanceClock(db, parts, to),
      release: () => releaseClock(db),
    },
    health: {
      blocked: () =>
        pingDatabase(db).then(
          () => [],
          () => ["the database does not answer"],
        ),
      degraded: async () => [
        ...(collect === undefined ? ["Collect is switched off"] : []),
        ...(await connectionHealth(db)),
        ...(await exportHealth(db)),
      ],
      overdueBilling: () => billingHealth(db, clock),
    },
  });
  addUnimplementedRoutes(http);
  await http.listen({ host: config.host, port: config.port });
  closers.push(() => http.close());
  base.url = urlOf(config.host, http.server.address() as AddressInfo);

  const generated = await bootstrapTokens(db, config);
  if (collect !== undefined) {
    const key = await connectCollect({
      db,
      services,
      collect,
      secretKey: config.collectSecretKey,
      coreUrl: base.url,
    });
    if (key !== undefined) generated.collectSecretKey = key;
  }
  if (config.role !== "api")
    startWork(closers, [jobs, ...(collect === undefined ? [] : [collect.jobs])]);
  const watch = watchAdvance(db, parts, (error) =>
    logger.error({ err: error }, "could not resume the clock's advance"),
  );
  closers.push(async () => watch.stop());
  return { url: base.url, collectUrl: base.collectUrl, generated, db, close };
}

const urlOf = (host: string, { port }: AddressInfo): string => {
  const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${shown.includes(":") ? `[${shown}]` : shown}:${port}`;
};

function startWork(
  closers: (() => Promise<unknown>)[],
  runners: readonly { start(): void; stop(): Promise<void> }[],
): void {
  for (const runner of runners) {
    runner.start();
    closers.push(() => runner.stop());
  }
}

interface CollectParts {
  readonly db: CoreDb;
  readonly clock: Services["clock"];
  readonly logger: Services["logger"];
  readonly vault: Services["vault"];
  readonly trustedHosts: () => readonly string[];
  readonly mailer: Mailer | undefined;
}

async function openCollectWhenOn(
  config: Config,
  { db, clock, logger, vault, trustedHosts, mailer }: CollectParts,
): Promise<Collect | undefined> {
  if (config.collectPort === undefined) return undefined;
  return openCollect({
    db,
    clock,
    logger,
    vault,
    host: config.host,
    port: config.collectPort,
    allowPrivateNetwork: config.allowPrivateNetwork,
    trustedHosts,
    publicUrl: config.publicUrl,
    mailer,
    findAdministrator: async (token) => (await findToken(db, hashSecret(token)))?.environment.name,
  });
}
