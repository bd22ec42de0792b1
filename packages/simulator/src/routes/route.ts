import type { Exchange, GraphVersion, LimitClass, RequestKind } from '../exchange.ts'
import type { Channel, Chat, Team } from '../model/team.ts'
import { isThere } from '../model/team.ts'
import { isGuid } from '../model/resource-id.ts'
import type { TenantModel } from '../model/tenant-model.ts'
import type { Reply } from '../reply.ts'
import { badRequest, notFound } from './graph-error.ts'

/** A route as data: what is matched, what it counts as, and what it answers. */
export interface Route {
  readonly name: string
  readonly kind: RequestKind
  readonly method: 'GET' | 'POST'
  /** Without the version; `{name}` stands for a key. */
  readonly paths: readonly string[]
  /** @default both */
  readonly versions?: readonly GraphVersion[] | undefined
  readonly limit: LimitClass
  readonly handle: (call: RouteCall) => Reply
}

/** A request that matched a route. */
export interface RouteCall {
  readonly exchange: Exchange
  readonly tenant: TenantModel
  readonly version: GraphVersion
  readonly params: Readonly<Record<string, string>>
  readonly pageSize: number
}

/** The start of an `@odata.context`. */
export function contextOf({ exchange, version }: RouteCall, path: string): string {
  return `${exchange.request.url.origin}/${version}/$metadata#${path}`
}

export function ok(json: unknown, headers: Reply['headers'] = {}): Reply {
  return { status: 200, headers, body: { json } }
}

export function created(json: unknown, location: string): Reply {
  return { status: 201, headers: { location }, body: { json } }
}

/** @throws {GraphError} when the tenant has no such team, or not yet */
export function teamOf({ tenant, params }: RouteCall): Team {
  const id = params['teamId'] ?? ''
  const team = tenant.team(id)
  if (team && isThere(team)) return team
  if (!isGuid(id)) throw badRequest('teamId needs to be a valid GUID.')
  throw notFound(`No team found with Group Id ${id}`)
}

/** @throws {GraphError} when the team has no such channel, or not yet */
export function channelOf(call: RouteCall): Channel {
  const id = call.params['channelId'] ?? ''
  const channel = call.tenant.channel(teamOf(call).id, id)
  if (channel && isThere(channel)) return channel
  throw notFound(`No channel found with id ${id}`)
}

/** @throws {GraphError} when the tenant has no such chat, or not yet */
export function chatOf({ tenant, params }: RouteCall): Chat {
  const id = params['chatId'] ?? ''
  const chat = tenant.chats.get(id)
  if (chat && isThere(chat)) return chat
  throw notFound(`No chat found with id ${id}`)
}

/** The ways to the same team. Those through `joinedTeams` are in the metadata of v1.0 only. */
export function ofTeam(rest: string): string[] {
  return [`teams/{teamId}${rest}`, `groups/{teamId}/team${rest}`]
}

export function ofJoinedTeam(rest: string): string[] {
  return [`me/joinedTeams/{teamId}${rest}`, `users/{userId}/joinedTeams/{teamId}${rest}`]
}

/** The ways to the same chat. */
export function ofChat(rest: string): string[] {
  return [`chats/{chatId}${rest}`, `me/chats/{chatId}${rest}`, `users/{userId}/chats/{chatId}${rest}`]
}
