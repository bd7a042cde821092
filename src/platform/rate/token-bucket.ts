/** What is left of a rate: tokens at an instant, and until when nobody may take any. In milliseconds. */
export interface TokenBucket {
  readonly tokens: number;
  readonly at: number;
  readonly pausedUntil: number;
}

/** A call takes one token, or waits so long before it asks again. */
export interface Taken {
  readonly bucket: TokenBucket;
  readonly waitMs: number;
}

/**
 * How many calls may come at once: a tenth of a second's worth, so that a late timer loses no rate and
 * no second sees more than the rate and a tenth of it.
 */
export const capacityOf = (perSecond: number): number => Math.max(1, perSecond / 10);

/** A bucket that nobody took from. */
export const fullBucket = (perSecond: number, now: number): TokenBucket => ({
  tokens: capacityOf(perSecond),
  at: now,
  pausedUntil: now,
});

/** Takes one token at `now`, or says how long to wait; then nothing was taken. Pure. */
export function takeToken(bucket: TokenBucket, perSecond: number, now: number): Taken {
  if (now < bucket.pausedUntil) return { bucket, waitMs: bucket.pausedUntil - now };
  const since = Math.max(0, now - bucket.at);
  const tokens = Math.min(capacityOf(perSecond), bucket.tokens + (since * perSecond) / 1000);
  const filled = { ...bucket, tokens, at: Math.max(now, bucket.at) };
  return tokens >= 1
    ? { bucket: { ...filled, tokens: tokens - 1 }, waitMs: 0 }
    : { bucket: filled, waitMs: ((1 - tokens) * 1000) / perSecond };
}

/**
 * Nobody takes a token for so long; a shorter pause never ends a longer one. What comes after begins
 * with one call, not with a burst. Pure.
 */
export const pauseBucket = (bucket: TokenBucket, now: number, ms: number): TokenBucket => {
  const pausedUntil = Math.max(bucket.pausedUntil, now + ms);
  return { tokens: 1, at: pausedUntil, pausedUntil };
};
