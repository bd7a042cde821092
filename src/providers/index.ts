import type { Outgoing } from "../platform/network/outgoing.ts";
import type { RateGate } from "../platform/rate/rate-gate.ts";
import { awsMarketplaceReporter } from "./aws_marketplace/reporter.ts";
import { customProvider } from "./custom/provider.ts";
import type { ProviderRegistry } from "./provider.ts";
import type { QuickBooksHosts } from "./quickbooks_online/client.ts";
import { quickBooksProvider } from "./quickbooks_online/provider.ts";
import { sandboxProvider } from "./sandbox/provider.ts";
import type { StripeHosts } from "./stripe/client.ts";
import { stripeProvider } from "./stripe/provider.ts";
import type { UsageReporterRegistry } from "./usage-reporter.ts";

interface ProviderParts {
  readonly stripe: StripeHosts;
  readonly quickBooks: QuickBooksHosts;
  /** Guards calls to addresses that a connection's settings name. */
  readonly outgoing: Outgoing;
  /** Holds the calls of a connection to its rate. */
  readonly gate: RateGate;
}

/** Every provider there is; adding one is adding a folder and a line here. */
export const createProviders = (parts: ProviderParts): ProviderRegistry => ({
  custom: customProvider(),
  quickbooks_online: quickBooksProvider(parts.outgoing, parts.quickBooks, parts.gate),
  sandbox: sandboxProvider(parts.outgoing),
  stripe: stripeProvider(parts.stripe, parts.gate),
});

/** Every provider that takes usage in the place of invoices. `aws` is another host for its calls. */
export const createUsageReporters = (hosts: {
  readonly aws: string | undefined;
}): UsageReporterRegistry => ({
  aws_marketplace: awsMarketplaceReporter(hosts.aws),
});

/** Our own invoicing service speaks the API of this provider. */
export const COLLECT_PROVIDER = "stripe";
