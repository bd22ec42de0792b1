import { operationKey, type OwnerKind } from './resource-id.ts'

/** One segment of a resource path: a name, or a key in either of OData's forms. */
export interface PathSegment {
  readonly text: string
  /** `key` stood in parentheses; `name` did not, and may still be a key. */
  readonly form: 'name' | 'key'
}

const keyed = /^([^()]+)\((?:'((?:[^']|'')*)'|([^'()]+))\)$/

/**
 * Takes a path apart: `/teams('{id}')/operations` and `/teams/{id}/operations` give the same texts.
 *
 * @returns `undefined` for a path that cannot be decoded
 */
export function parsePath(path: string): readonly PathSegment[] | undefined {
  const segments: PathSegment[] = []
  for (const raw of path.split('/')) {
    if (raw === '') continue
    const segment = decode(raw)
    if (segment === undefined) return undefined
    const match = keyed.exec(segment)
    if (!match) {
      segments.push({ text: segment, form: 'name' })
      continue
    }
    segments.push({ text: match[1] as string, form: 'name' })
    segments.push({ text: match[2]?.replaceAll("''", "'") ?? (match[3] as string), form: 'key' })
  }
  return segments
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/**
 * The one spelling of the operation at a location, which may be any that can be read, with or without
 * origin and version.
 *
 * @returns `undefined` when it is not the location of an operation
 */
export function parseOperationLocation(location: string): string | undefined {
  const path = location.replace(/^https?:\/\/[^/]+/i, '').replace(/^\/(v1\.0|beta)(?=\/)/, '')
  const texts = parsePath(path)?.map(({ text }) => text) ?? []
  const operationId = texts.at(-1)
  if (operationId === undefined || texts.at(-2) !== 'operations') return undefined
  const ofGroup = texts.at(-3) === 'team' && texts.at(-5) === 'groups'
  const ownerId = texts.at(ofGroup ? -4 : -3)
  const ownerKind = ofGroup ? 'team' : ownerKinds.get(texts.at(-4) ?? '')
  return ownerId === undefined || ownerKind === undefined
    ? undefined
    : operationKey(ownerKind, ownerId, operationId)
}

const ownerKinds: ReadonlyMap<string, OwnerKind> = new Map([
  ['teams', 'team'],
  ['joinedTeams', 'team'],
  ['chats', 'chat'],
])
