import { CheckFloor } from './check-floor.ts'
import { CoolDown } from './cool-down.ts'
import { RequestBudget } from './request-budget.ts'

export interface QuotaOptions {
  /** How much of what Graph grants the app its clients may use together: more than 0, at most 1. @default 0.5 */
  readonly quotaShare?: number | undefined
  /** From 0 up to 1; for jitter. @default Math.random */
  readonly random?: (() => number) | undefined
}

/**
 * What Graph grants an app in a tenant, for all clients that read on its behalf: created by `createQuota`,
 * and to be handed to each of them. Its members are theirs.
 */
export class Quota {
  readonly budget: RequestBudget
  readonly coolDown: CoolDown
  readonly floor: CheckFloor

  constructor(quotaShare: number, random: () => number) {
    this.budget = new RequestBudget(quotaShare)
    this.coolDown = new CoolDown(random)
    this.floor = new CheckFloor()
  }
}

/**
 * A quota that several clients share: one for each user, say, who all read as the same app. Together they
 * keep its limits, a pause that Graph asks one of them for holds all of them back, and no two checks of an
 * operation are closer than 30 seconds, whoever of them makes them: they take turns. All need the same clock.
 *
 * @throws RangeError when an option is not as expected
 */
export function createQuota({ quotaShare = 0.5, random = Math.random }: QuotaOptions = {}): Quota {
  return new Quota(checkQuotaShare(quotaShare), random)
}

/** @throws RangeError when it is none */
export function checkQuotaShare(quotaShare: number): number {
  if (quotaShare > 0 && quotaShare <= 1) return quotaShare
  throw new RangeError(`Expected quotaShare to be more than 0 and at most 1, got ${quotaShare}.`)
}
