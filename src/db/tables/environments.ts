import type { DefaultedInstant, Generated, InstantColumn } from "../columns.ts";

export interface EnvironmentsTable {
  id: Generated<string>;
  name: "PRODUCTION" | "SANDBOX";
  client_id: Generated<string>;
  org_id: Generated<string>;
  grace_period_hours: Generated<number>;
  webhook_secret: string | null;
  created_at: DefaultedInstant;
}

export interface ApiTokensTable {
  id: Generated<string>;
  environment_id: string;
  name: string;
  token_hash: Buffer;
  created_at: DefaultedInstant;
  revoked_at: InstantColumn | null;
}

export interface IdempotentRequestsTable {
  environment_id: string;
  key: string;
  request_hash: string;
  status: number;
  body: string;
  created_at: DefaultedInstant;
}
