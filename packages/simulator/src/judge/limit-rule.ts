import type { LimitClass, Target } from '../exchange.ts'
import type { GraphLimits } from '../limits.ts'
import { RateWindows } from './rate-windows.ts'
import type { Finding } from './violation.ts'

/** Counts requests by the documented limits: of the tenant, of a team, of a chat or channel. */
export class LimitRule {
  readonly #limits: GraphLimits
  readonly #ofTenant: Readonly<Record<LimitClass, RateWindows>>
  readonly #ofTeams: RateWindows
  readonly #ofChats: RateWindows

  constructor(limits: GraphLimits) {
    const { perClass } = limits
    this.#limits = limits
    this.#ofTenant = {
      getTeam: new RateWindows(perClass.getTeam),
      get: new RateWindows(perClass.get),
      createTeam: new RateWindows(perClass.createTeam),
      cloneTeam: new RateWindows(perClass.cloneTeam),
      createChannel: new RateWindows(perClass.createChannel),
      other: new RateWindows(perClass.other),
    }
    this.#ofTeams = new RateWindows(limits.perTeam)
    this.#ofChats = new RateWindows(limits.perChatOrChannel)
  }

  /** Counts a request and names every limit that it is over. */
  begin(target: Target, at: number): Finding[] {
    const { limit, teamId } = target
    if (!limit) return []
    const findings: Finding[] = []
    if (this.#ofTenant[limit].hit('', at)) {
      findings.push(over('over-tenant-limit', limit, this.#limits.perClass[limit]))
    }
    if (teamId !== undefined && this.#ofTeams.hit(teamId, at)) {
      findings.push(over('over-team-limit', teamId, this.#limits.perTeam))
    }
    const chatOrChannel = target.chatId ?? target.channelId
    if (chatOrChannel !== undefined && this.#ofChats.hit(chatOrChannel, at)) {
      findings.push(over('over-chat-limit', chatOrChannel, this.#limits.perChatOrChannel))
    }
    return findings
  }
}

type LimitType = 'over-team-limit' | 'over-chat-limit' | 'over-tenant-limit'

function over(type: LimitType, resource: string, perSecond: number): Finding {
  return {
    type,
    resource,
    perSecond,
    message: `More than ${perSecond} requests per second: ${type} of ${resource}`,
  }
}
