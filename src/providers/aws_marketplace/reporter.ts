import type { UsageReporter } from "../usage-reporter.ts";
import { AWS_SETTINGS, readAwsCredential, readAwsRouteOptions } from "./account.ts";
import { batchMeterUsage } from "./client.ts";
import { toAwsRecord } from "./to-record.ts";

/**
 * AWS Marketplace: what SaaS products with usage-based pricing come to, hour by hour (AWS Marketplace
 * Metering API: "BatchMeterUsage"). `override` is another host that all calls go to.
 */
export const awsMarketplaceReporter = (override: string | undefined): UsageReporter => ({
  name: "aws_marketplace",
  settings: AWS_SETTINGS,
  readCredential: (credential, environment) =>
    readAwsCredential(credential, environment, override !== undefined),
  readRouteOptions: readAwsRouteOptions,
  maxRecords: 25,
  hoursToReport: 6,
  toRecord: toAwsRecord,
  report: (connection, records) => batchMeterUsage(connection, records, override),
});
