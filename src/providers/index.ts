import type { ProviderRegistry } from "./provider.ts";
import type { StripeHosts } from "./stripe/client.ts";
import { stripeProvider } from "./stripe/provider.ts";

/** Every provider there is; adding one is adding a folder and a line here. */
export const createProviders = (hosts: { readonly stripe: StripeHosts }): ProviderRegistry => ({
  stripe: stripeProvider(hosts.stripe),
});

/** Our own invoicing service speaks the API of this provider. */
export const COLLECT_PROVIDER = "stripe";
