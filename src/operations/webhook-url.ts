import { isPublicUrl } from "../platform/network/public-url.ts";
import type { OperationContext } from "./context.ts";

/** Where a provider would send its events to this environment. */
export function webhookUrl({ services, environment }: OperationContext, provider: string): string {
  const path = services.providers[provider]?.path ?? provider;
  return `${services.publicUrl()}/${path}/${environment.clientId}/${environment.name}`;
}

/** As webhookUrl, but undefined when nobody can reach it from outside. */
export function publicWebhookUrl(ctx: OperationContext, provider: string): string | undefined {
  const url = webhookUrl(ctx, provider);
  return isPublicUrl(url) ? url : undefined;
}
