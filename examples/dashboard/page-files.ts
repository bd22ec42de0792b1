import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export interface File {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | string
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

/** The client of graphql-ws is plain modules, which browsers load as they are: there is nothing to build. */
const graphqlWs = new URL('.', import.meta.resolve('graphql-ws/client'))
const page = new URL('page/', import.meta.url)

/** What the browser gets for a path. */
export async function fileFor(path: string): Promise<File> {
  const [, folder = '', name = ''] =
    /^(\/graphql-ws)?\/([\w-]+\.(?:html|css|js))$/.exec(path === '/' ? '/index.html' : path) ?? []
  const type = types[name.split('.').at(-1) ?? '']
  try {
    if (type === undefined) throw new Error('No such file')
    const body = await readFile(fileURLToPath(new URL(name, folder ? graphqlWs : page)))
    return { status: 200, headers: { 'Content-Type': type, 'Content-Security-Policy': policy }, body }
  } catch {
    return { status: 404, headers: { 'Content-Type': 'text/plain' }, body: 'There is no such file.\n' }
  }
}

/** Nothing comes from elsewhere, and nothing goes there. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:"
