import { invalid } from "../../errors.ts";
import type { ClockName } from "../../platform/jobs/job-table.ts";
import type { Credential, RouteOptions } from "../provider-connection.ts";
import type { SettingField, SettingFields } from "../setting-fields.ts";

const DIMENSION = /^[A-Za-z0-9_.-]{1,255}$/;

const dimension: SettingField = {
  schema: { type: "string", maxLength: 255, default: "usd_cents" },
  initial: () => "usd_cents",
  read: (given) =>
    typeof given === "string" && DIMENSION.test(given)
      ? { value: given }
      : { expected: "the API name of a dimension: letters, digits, _ . -" },
};

/** The one dimension of the product that everything is reported in; a unit of it costs a cent. */
export const AWS_SETTINGS: SettingFields = { dimension };

const KEY_ID = /^[A-Z0-9]{16,128}$/;
const SECRET = /^[\x21-\x7e]{16,256}$/;
const CREDENTIAL_FIELDS = new Set(["access_key_id", "secret_access_key"]);

function readText(credential: Credential, name: string, pattern: RegExp): string {
  const value = credential[name];
  if (typeof value === "string" && pattern.test(value)) return value;
  throw invalid(`credential.${name} is not that of an AWS access key`, `credential.${name}`);
}

/**
 * `{access_key_id, secret_access_key}`. AWS Marketplace has no test mode: whatever it is sent it bills, so that the
 * SANDBOX takes an account only where calls go to a stand-in. Throws invalid, naming the field and
 * never its value.
 */
export function readAwsCredential(
  credential: Credential,
  environment: ClockName,
  hasStandIn: boolean,
): Credential {
  if (environment === "SANDBOX" && !hasStandIn) {
    throw invalid(
      "provider aws_marketplace has no test mode: the SANDBOX environment takes it only when AWS_MARKETPLACE_API_BASE names a stand-in",
      "provider",
    );
  }
  const unknown = Object.keys(credential).find((name) => !CREDENTIAL_FIELDS.has(name));
  if (unknown === "role_arn") {
    throw invalid(
      "credential.role_arn is not supported: give the access key of a user that may call aws-marketplace:BatchMeterUsage",
      "credential.role_arn",
    );
  }
  if (unknown !== undefined) {
    throw invalid(`unknown field credential.${unknown}`, `credential.${unknown}`);
  }
  return {
    access_key_id: readText(credential, "access_key_id", KEY_ID),
    secret_access_key: readText(credential, "secret_access_key", SECRET),
  };
}

/** Regions in the words of the wire. */
const REGIONS = new Set(
  `af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1
  ap-southeast-2 ca-central-1 cn-north-1 cn-northwest-1 eu-central-1 eu-north-1 eu-south-1 eu-west-1
  eu-west-2 eu-west-3 me-south-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 us-west-1
  us-west-2`.split(/\s+/),
);

const FIELDS: Readonly<Record<string, { pattern: RegExp; expected: string }>> = {
  aws_customer_account_id: { pattern: /^\d{12}$/, expected: "an AWS account id of 12 digits" },
  aws_customer_id: { pattern: /^[\x21-\x7e]{1,255}$/, expected: "a customer identifier of AWS" },
  aws_product_code: { pattern: /^[-a-zA-Z0-9/=:_.@]{1,255}$/, expected: "a product code" },
};

function readField(configuration: RouteOptions, name: string): RouteOptions {
  const value = configuration[name];
  const field = FIELDS[name];
  if (value === undefined || value === null || field === undefined) return {};
  if (typeof value === "string" && field.pattern.test(value)) return { [name]: value };
  throw invalid(`configuration.${name} must be ${field.expected}`, `configuration.${name}`);
}

const KNOWN = new Set([...Object.keys(FIELDS), "aws_region", "aws_is_subscription_product"]);

/**
 * Who buys what: `aws_customer_account_id`, or the older `aws_customer_id`; `aws_product_code`, `aws_region` and
 * `aws_is_subscription_product`, which must be true: products with contract pricing have entitlements
 * that end, and nobody looks at those. Throws invalid, naming the field.
 */
export function readAwsRouteOptions(configuration: RouteOptions): RouteOptions {
  const unknown = Object.keys(configuration).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) {
    throw invalid(`unknown field configuration.${unknown}`, `configuration.${unknown}`);
  }
  const customer = {
    ...readField(configuration, "aws_customer_account_id"),
    ...readField(configuration, "aws_customer_id"),
  };
  if (Object.keys(customer).length !== 1) {
    throw invalid(
      "configuration must have one of aws_customer_account_id and aws_customer_id",
      "configuration",
    );
  }
  const product = readField(configuration, "aws_product_code");
  if (product.aws_product_code === undefined) {
    throw invalid("configuration.aws_product_code is required", "configuration.aws_product_code");
  }
  const { aws_region: region, aws_is_subscription_product: isSubscription } = configuration;
  if (typeof region !== "string" || !REGIONS.has(region)) {
    throw invalid("configuration.aws_region must be a region of AWS", "configuration.aws_region");
  }
  if (isSubscription !== true) {
    throw invalid(
      "configuration.aws_is_subscription_product must be true: only products with usage-based pricing are metered",
      "configuration.aws_is_subscription_product",
    );
  }
  return { ...customer, ...product, aws_region: region, aws_is_subscription_product: true };
}
