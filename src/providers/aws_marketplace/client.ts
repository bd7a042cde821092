import type {
  BatchMeterUsageResult,
  UsageRecord as SentRecord,
} from "@aws-sdk/client-marketplace-metering";
import type { ProviderConnection } from "../provider-connection.ts";
import type { RecordResult, ReportOutcome, UsageRecord } from "../usage-reporter.ts";
import { fromAwsError } from "./errors.ts";
import { type AwsRecord, fromBatchKey } from "./to-record.ts";

const TIMEOUT_MS = 20_000;

/** What tells a record from the others of a call: by each name of its buyer. An answer may name both. */
const keysOf = (record: SentRecord): string[] =>
  [record.CustomerAWSAccountId, record.CustomerIdentifier]
    .filter((buyer) => buyer !== undefined)
    .map((buyer) => JSON.stringify([buyer, record.Dimension, record.Timestamp?.getTime()]));

function toSent(record: UsageRecord["record"]): SentRecord {
  const kept = record as unknown as AwsRecord;
  return { ...kept, Timestamp: new Date(kept.Timestamp) };
}

const UNPROCESSED: RecordResult = {
  outcome: "refused",
  code: "unprocessed",
  message: "AWS did not process the record and asks for it again",
};

/** The result of each record that was sent, in their order. Pure. */
export function toResults(
  sent: readonly SentRecord[],
  answer: BatchMeterUsageResult,
): RecordResult[] {
  const results = new Map(
    (answer.Results ?? []).flatMap((result) =>
      result.UsageRecord === undefined
        ? []
        : keysOf(result.UsageRecord).map((key) => [key, result] as const),
    ),
  );
  const unprocessed = new Set((answer.UnprocessedRecords ?? []).flatMap(keysOf));
  return sent.map((record): RecordResult => {
    const [key = ""] = keysOf(record);
    const { Status: status, MeteringRecordId: recordId } = results.get(key) ?? {};
    if (status === "Success" && recordId !== undefined) return { outcome: "accepted", recordId };
    if (status === "CustomerNotSubscribed") {
      const message = "The buyer has no subscription to the product";
      return { outcome: "refused", code: "customer_not_subscribed", message };
    }
    if (status === "DuplicateRecord") {
      const message = "AWS has a record of another quantity for this hour, buyer and dimension";
      return { outcome: "unclear", code: "duplicate_record", message };
    }
    if (unprocessed.has(key)) return UNPROCESSED;
    const message = `AWS answered ${status ?? "nothing"} for the record`;
    return { outcome: "unclear", code: "unreadable", message };
  });
}

/**
 * One call of BatchMeterUsage by the official client, which is loaded with the first of them. It tries
 * nothing again by itself: the sending does. `override` is another host that all calls go to.
 */
export async function batchMeterUsage(
  { credential }: ProviderConnection,
  records: readonly UsageRecord[],
  override: string | undefined,
): Promise<ReportOutcome> {
  const { BatchMeterUsageCommand, MarketplaceMeteringClient } = await import(
    "@aws-sdk/client-marketplace-metering"
  );
  const { region, productCode } = fromBatchKey(records[0]?.batchKey ?? "");
  const client = new MarketplaceMeteringClient({
    region,
    credentials: {
      accessKeyId: String(credential.access_key_id),
      secretAccessKey: String(credential.secret_access_key),
    },
    maxAttempts: 1,
    ...(override === undefined ? {} : { endpoint: override }),
  });
  const sent = records.map(({ record }) => toSent(record));
  try {
    const answer = await client.send(
      new BatchMeterUsageCommand({ ProductCode: productCode, UsageRecords: sent }),
      { abortSignal: AbortSignal.timeout(TIMEOUT_MS) },
    );
    return { outcome: "answered", results: toResults(sent, answer) };
  } catch (error) {
    return fromAwsError(error);
  } finally {
    client.destroy();
  }
}
