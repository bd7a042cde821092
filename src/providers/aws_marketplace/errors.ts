import type { ReportOutcome } from "../usage-reporter.ts";

/** Errors of BatchMeterUsage that are about one record (AWS Marketplace Metering API: "BatchMeterUsage"). */
const OF_ONE_RECORD = new Set([
  "InvalidCustomerIdentifierException",
  "InvalidUsageDimensionException",
  "InvalidLicenseException",
  "InvalidTagException",
  "InvalidUsageAllocationsException",
  "TimestampOutOfBoundsException",
]);

/** Statuses after which nobody can tell whether the records were taken. */
const isUnclear = (status: number | undefined): boolean => status === undefined || status >= 500;

/** "InvalidUsageDimensionException" -> "invalid_usage_dimension". */
const toCode = (name: string): string =>
  name
    .replace(/(?:Exception|Error)$/, "")
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase();

interface ServiceError {
  readonly name: string;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const isServiceError = (error: unknown): error is ServiceError => error instanceof Error;

/** What a call that threw came to. No message of AWS carries a secret. */
export function fromAwsError(error: unknown): ReportOutcome {
  if (!isServiceError(error)) throw error;
  const { name, $metadata } = error;
  const message = error.message || `AWS answered ${name}`;
  // Refused before anything was done, whatever status it came with.
  if (/^Throttl/.test(name)) {
    return { outcome: "refused", code: "throttled", message, oneIsWrong: false };
  }
  if (isUnclear($metadata?.httpStatusCode)) {
    return { outcome: "unknown", code: "provider_unavailable", message };
  }
  return { outcome: "refused", code: toCode(name), message, oneIsWrong: OF_ONE_RECORD.has(name) };
}
