import type { GraphVersion } from '../exchange.ts'
import { parsePath } from '../model/resource-path.ts'
import { badRequest, GraphError } from './graph-error.ts'
import type { Route } from './route.ts'

export interface RouteMatch {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

interface PathNode {
  readonly names: Map<string, PathNode>
  key: { readonly name: string; readonly node: PathNode } | undefined
  readonly routes: Map<string, Route>
}

/** Finds the route of a path; answers as Graph does where there is none. */
export type Router = (method: string, version: GraphVersion, path: string) => RouteMatch | GraphError

export function createRouter(routes: readonly Route[]): Router {
  const roots: Record<GraphVersion, PathNode> = { 'v1.0': emptyNode(), beta: emptyNode() }
  for (const route of routes) {
    for (const version of route.versions ?? (['v1.0', 'beta'] as const)) {
      for (const path of route.paths) nodeAt(roots[version], path).routes.set(route.method, route)
    }
  }

  return (method, version, path) => {
    const segments = parsePath(path)
    if (!segments) return badRequest('The request URI is not valid.')
    const params: Record<string, string> = {}
    let node = roots[version]
    for (const { text, form } of segments) {
      // Graph does not tell the case of its own names apart.
      const named = form === 'name' ? node.names.get(text.toLowerCase()) : undefined
      const next = named ?? node.key?.node
      if (!next) return badRequest(`Resource not found for the segment '${text}'.`)
      if (!named && node.key) params[node.key.name] = text
      node = next
    }
    const route = node.routes.get(method)
    if (route) return { route, params }
    if (node.routes.size === 0)
      return badRequest(`Resource not found for the segment '${segments.at(-1)?.text}'.`)
    return new GraphError(
      405,
      'MethodNotAllowed',
      'Specified HTTP method is not allowed for the request target.',
    )
  }
}

function emptyNode(): PathNode {
  return { names: new Map(), key: undefined, routes: new Map() }
}

function nodeAt(root: PathNode, path: string): PathNode {
  let node = root
  for (const part of path.split('/')) {
    if (part.startsWith('{')) {
      node.key ??= { name: part.slice(1, -1), node: emptyNode() }
      node = node.key.node
    } else {
      const name = part.toLowerCase()
      const next = node.names.get(name) ?? emptyNode()
      node.names.set(name, next)
      node = next
    }
  }
  return node
}
