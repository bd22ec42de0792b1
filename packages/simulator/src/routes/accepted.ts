import type { SimulatedOperation } from '../model/simulated-operation.ts'
import type { Reply } from '../reply.ts'

/** The ways in which Graph, its documentation and its past spell the location of an operation. */
export type LocationSpelling = 'quoted' | 'bare' | 'slash' | 'unbalanced' | 'group' | 'encoded' | 'absolute'

export interface LocationParts {
  readonly ownerKind: 'team' | 'chat'
  readonly ownerId: string
  readonly id: string
}

const spellings: Readonly<Record<Exclude<LocationSpelling, 'absolute'>, (parts: LocationParts) => string>> = {
  /** As recorded. */
  quoted: ({ ownerKind, ownerId, id }) => `/${ownerKind}s('${ownerId}')/operations('${id}')`,
  /** As documented for archive, unarchive and clone. */
  bare: ({ ownerKind, ownerId, id }) => `/${ownerKind}s(${ownerId})/operations(${id})`,
  /** As documented for what happens to channels. */
  slash: ({ ownerKind, ownerId, id }) => `/${ownerKind}s/${ownerId}/operations/${id}`,
  /** As once documented for archive. */
  unbalanced: ({ ownerKind, ownerId, id }) => `/${ownerKind}s${ownerId}/operations(${id})`,
  /** As until June 2018; a chat has no group. */
  group: ({ ownerKind, ownerId, id }) =>
    ownerKind === 'team'
      ? `/groups(${ownerId})/team/operations(${id})`
      : `/chats(${ownerId})/operations(${id})`,
  encoded: ({ ownerKind, ownerId, id }) =>
    `/${ownerKind}s/${encodeURIComponent(ownerId)}/operations/${encodeURIComponent(id)}`,
}

/** @param base origin and version, for the absolute spelling */
export function spellLocation(spelling: LocationSpelling, parts: LocationParts, base: string): string {
  return spelling === 'absolute' ? base + spellings.quoted(parts) : spellings[spelling](parts)
}

/** The 202 of a start method: everything is in its headers, and it has no body. */
export function accepted(
  { identity }: SimulatedOperation,
  spelling: Exclude<LocationSpelling, 'absolute'>,
  headers: Reply['headers'] = {},
): Reply {
  return {
    status: 202,
    headers: { ...headers, location: spellings[spelling](identity), 'content-length': '0' },
    body: undefined,
  }
}
