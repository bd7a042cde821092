/** The provider did not take a step now; the next attempt looks again and goes on from there. */
export class DeliveryInterrupted extends Error {
  override readonly name = "DeliveryInterrupted";
  readonly afterSeconds: number | undefined;
  readonly throttled: boolean;
  constructor(message: string, afterSeconds?: number, throttled = false) {
    super(message);
    this.afterSeconds = afterSeconds;
    this.throttled = throttled;
  }
}
