/** How lines are put in order before they are sent. */
export const LINE_ORDERS = ["NONE", "SUBTOTAL", "AGGREGATION_ID"] as const;

export type LineOrder = (typeof LINE_ORDERS)[number];

/** What a rule says of the bills that it sends, checked and complete (docs/integrations.md). */
export interface IntegrationOptions {
  /** Only these accounts; empty: all of them. */
  readonly accountIds: readonly string[];
  /** Never these accounts, even when they are listed above. */
  readonly restrictedAccountIds: readonly string[];
  /** Who is told by mail when the integration is disabled by itself. */
  readonly disabledNotificationUserIds: readonly string[];
  /** Off: a draft is sent as well, and follows every recalculation. */
  readonly onlySendBillOnApproval: boolean;
  /** On: the payer is found by the external mapping of the account; off: by the account's id. */
  readonly useExternalMappingAccountCode: boolean;
  readonly excludedLineItemTypes: readonly string[];
  readonly sortLineItemsBy: LineOrder;
  /** An expression over the account; null: every account. */
  readonly accountFilter: string | null;
  /** The destination's own options, in the provider's words. */
  readonly destination: Readonly<Record<string, unknown>>;
}

/** What holds where a configuration says nothing. */
export const DEFAULT_INTEGRATION_OPTIONS: IntegrationOptions = {
  accountIds: [],
  restrictedAccountIds: [],
  disabledNotificationUserIds: [],
  onlySendBillOnApproval: false,
  useExternalMappingAccountCode: false,
  excludedLineItemTypes: [],
  sortLineItemsBy: "NONE",
  accountFilter: null,
  destination: {},
};
