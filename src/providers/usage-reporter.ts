import type { Interval } from "../domain/time.ts";
import type { AnyProvider } from "./provider.ts";
import type { ProviderConnection, RouteOptions } from "./provider-connection.ts";
import type { Settings } from "./setting-fields.ts";

/** What connections and billing configurations need of a provider, whichever family it is of. */
export type Connectable = Pick<
  AnyProvider,
  "name" | "settings" | "readCredential" | "readRouteOptions" | "account" | "target" | "oauth"
>;

/** One quantity in one window. */
export interface ReportedUsage {
  readonly window: Interval;
  /** Whole minor units of US dollars. */
  readonly quantity: bigint;
}

/** A record as it is sent, each time the same: that is its idempotency key. */
export interface UsageRecord {
  /** Records with the same one may go in one call. */
  readonly batchKey: string;
  /** In the provider's own words, no secret among them. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** What became of one record of a call that was answered. */
export type RecordResult =
  | { readonly outcome: "accepted"; readonly recordId: string }
  /** It was certainly not taken, and may be another time. */
  | { readonly outcome: "refused"; readonly code: string; readonly message: string }
  /** Something else was taken in its place, or nobody can tell: a person must look. */
  | { readonly outcome: "unclear"; readonly code: string; readonly message: string };

/** What became of a call. */
export type ReportOutcome =
  /** In the order of the records. */
  | { readonly outcome: "answered"; readonly results: readonly RecordResult[] }
  /** Nothing of it was taken. `oneIsWrong`: the others may be taken without the record that is. */
  | {
      readonly outcome: "refused";
      readonly code: string;
      readonly message: string;
      readonly oneIsWrong: boolean;
    }
  /** It may have been taken, whole or in part: the same records are sent again. */
  | { readonly outcome: "unknown"; readonly code: string; readonly message: string };

/**
 * The second family of providers: they take no invoices, but how much was used in each hour, and bill it
 * themselves. One is a folder. What is reported is decided by the core (domain/usage-reports); a
 * reporter puts it into its words and makes one call at a time.
 */
export interface UsageReporter extends Connectable {
  /** Records that one call takes. */
  readonly maxRecords: number;
  /** A record is taken for less than so many hours after its window has begun. */
  readonly hoursToReport: number;
  /** The record of a quantity, by options and settings that were read. Pure. */
  toRecord(usage: ReportedUsage, options: RouteOptions, settings: Settings): UsageRecord;
  /** Sends records of one batch key. The same records again have no further effect. */
  report(connection: ProviderConnection, records: readonly UsageRecord[]): Promise<ReportOutcome>;
}

export type UsageReporterRegistry = Readonly<Record<string, UsageReporter>>;
