import { pino } from "pino";
import { openCollect } from "../../src/collect/collect.ts";
import { databaseClock } from "../../src/platform/clock/clock.ts";
import { openDatabase } from "../../src/platform/database/database.ts";
import { onFaultPoint } from "../../src/platform/fault-points.ts";
import { createMailer } from "../../src/platform/mail/mailer.ts";
import { createVault } from "../../src/platform/secrets/encryption.ts";

/**
 * Collect on the migrated database at DATABASE_URL, killing itself with SIGKILL at the first hit of a
 * fault point: `node dying-collect.ts POINT [work]`. With `work` it also runs jobs that are due.
 * Mails go to SMTP_URL. Prints its address when it is ready.
 */
const [point, work] = process.argv.slice(2);
const smtpUrl = process.env.SMTP_URL;

onFaultPoint((name) => {
  if (name !== point) return;
  process.kill(process.pid, "SIGKILL");
  // The signal ends the process at some moment soon: until then it must not go one step further.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});

const { db } = openDatabase<Record<string, never>>({
  url: process.env.DATABASE_URL ?? "",
  maxConnections: 4,
});
const collect = await openCollect({
  db,
  clock: databaseClock(db),
  logger: pino({ level: "fatal" }),
  vault: createVault(Buffer.alloc(32, 1)),
  host: "127.0.0.1",
  port: 0,
  allowPrivateNetwork: true,
  trustedHosts: () => [],
  findAdministrator: async () => undefined,
  mailer: smtpUrl === undefined ? undefined : createMailer(smtpUrl, "billing@acme.test"),
});
if (work === "work") collect.jobs.start();
console.log(collect.url);
