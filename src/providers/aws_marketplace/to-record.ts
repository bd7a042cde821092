import { instantText } from "../../domain/time.ts";
import type { RouteOptions } from "../provider-connection.ts";
import type { Settings } from "../setting-fields.ts";
import type { ReportedUsage, UsageRecord } from "../usage-reporter.ts";

/** A record of BatchMeterUsage as it is kept: JSON, the instant as text. */
export interface AwsRecord {
  readonly CustomerAWSAccountId?: string;
  readonly CustomerIdentifier?: string;
  readonly Dimension: string;
  readonly Quantity: number;
  readonly Timestamp: string;
}

/** What a quantity of AWS holds. */
const MAX_QUANTITY = 2_147_483_647n;

/** One call is for one product, in the region where it is sold. */
export const toBatchKey = (region: string, productCode: string): string =>
  `${region}/${productCode}`;

export function fromBatchKey(key: string): {
  readonly region: string;
  readonly productCode: string;
} {
  const at = key.indexOf("/");
  return { region: key.slice(0, at), productCode: key.slice(at + 1) };
}

/** The record of a window's quantity. Its time is the window's first instant: an hour has one record. Pure. */
export function toAwsRecord(
  { window, quantity }: ReportedUsage,
  options: RouteOptions,
  { dimension }: Settings,
): UsageRecord {
  if (quantity > MAX_QUANTITY) throw new RangeError(`AWS takes ${MAX_QUANTITY} units at most`);
  const { aws_customer_account_id: account, aws_customer_id: customer } = options;
  const record = {
    ...(typeof account === "string"
      ? { CustomerAWSAccountId: account }
      : { CustomerIdentifier: String(customer) }),
    Dimension: String(dimension),
    Quantity: Number(quantity),
    Timestamp: instantText(window.start),
  } satisfies AwsRecord;
  return {
    batchKey: toBatchKey(String(options.aws_region), String(options.aws_product_code)),
    record,
  };
}
