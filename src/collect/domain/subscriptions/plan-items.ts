/** An item as far as what it costs goes. */
export interface BilledItem {
  readonly price: string;
  readonly quantity: bigint;
}

/** What a change makes of one item: `before` undefined = it is new, `after` undefined = it goes. */
export interface ItemChange<Before extends BilledItem, After extends BilledItem> {
  readonly before: Before | undefined;
  readonly after: After | undefined;
}

/** Whether what it costs changes: its metadata alone are no reason to give back or charge. */
export const changesCost = ({ before, after }: ItemChange<BilledItem, BilledItem>): boolean =>
  before?.price !== after?.price || before?.quantity !== after?.quantity;
