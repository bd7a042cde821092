import type { Logger } from "pino";
import type { CoreDb } from "../db/database.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../platform/clock/clock.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import type { Mailer } from "../platform/mail/mailer.ts";
import type { Outgoing } from "../platform/network/outgoing.ts";
import type { Vault } from "../platform/secrets/encryption.ts";
import type { ProviderRegistry } from "../providers/provider.ts";
import type { UsageReporterRegistry } from "../providers/usage-reporter.ts";

/** One of the two worlds of data; they never meet. */
export interface Environment {
  readonly id: string;
  readonly name: ClockName;
  readonly clientId: string;
  readonly orgId: string;
}

/** What the process offers to every operation. Built once, in app.ts. */
export interface Services {
  readonly clock: Clock;
  readonly vault: Vault;
  readonly outgoing: Outgoing;
  /** Those that take invoices, and those that take usage. */
  readonly providers: ProviderRegistry;
  readonly usageReporters: UsageReporterRegistry;
  readonly logger: Logger;
  /** undefined: there is no mail server, and mails are kept and shown. */
  readonly mailer?: Mailer | undefined;
  /** Base of links and webhook URLs, without a slash at its end. */
  readonly publicUrl: () => string;
  /** Below it exports may be written to folders; undefined: nowhere. */
  readonly exportDir?: string | undefined;
}

/**
 * What an operation stands on. `db` is a transaction already when the request carries an
 * idempotency key, so that its effect and its stored reply commit together.
 */
export interface OperationContext {
  readonly db: CoreDb;
  readonly environment: Environment;
  /** The environment's time, read once when the request or job began. */
  readonly now: Instant;
  /** Who acts, for `created_by`: the token's name. */
  readonly actor: string;
  readonly services: Services;
}
