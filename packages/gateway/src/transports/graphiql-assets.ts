/** A file that the page of GraphiQL loads. */
export interface Asset {
  readonly type: string
  readonly content: string
}

/**
 * The files of GraphiQL, under the names by which the page asks for them. 9 MB of text: loaded when
 * somebody opens the page for the first time.
 */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const { css, editorWorkerService, graphqlWorker, js, jsonWorker } =
    await import('@graphql-yoga/render-graphiql/graphiql')
  return new Map([
    ['graphiql.css', { type: 'text/css; charset=utf-8', content: css }],
    ['graphiql.js', script([beforeGraphiQL, js, afterGraphiQL].join(';\n'))],
    ['editor.worker.js', script(editorWorkerService)],
    ['json.worker.js', script(jsonWorker)],
    ['graphql.worker.js', script(graphqlWorker)],
    ['icon.svg', { type: 'image/svg+xml', content: icon }],
  ])
}

/** Two arrows in a circle: something that is asked again and again. */
export const icon: string =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="40" height="40" fill="none" stroke="#6264a7" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round">' +
  '<path d="M20 11a8 8 0 0 0-14.5-3.5L4 9.5M4 13a8 8 0 0 0 14.5 3.5l1.5-2"/><path d="M4 4.5v5h5M20 19.5v-5h-5"/></svg>'

function script(content: string): Asset {
  return { type: 'text/javascript; charset=utf-8', content }
}

/**
 * Monaco, the editor of GraphiQL, asks for the URLs of its workers by these labels. And where nobody listens, a
 * WebSocket has an `error`, after which graphql-ws gives up, before the `close`, after which it comes back.
 */
const beforeGraphiQL = `
self.WebSocket = class extends WebSocket {
  set onerror(_) {}
}
const workers = { editorWorkerService: 'editor.worker.js', json: 'json.worker.js', graphql: 'graphql.worker.js' }
const assets = new URL('.', document.currentScript.src)
self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_, label) => new URL(workers[label], assets).href,
}`

/**
 * A WebSocket has no headers: it says with `connection_init` what HTTP says with `Authorization`. And why it
 * was closed is in an event, of which GraphiQL shows what is in its JSON.
 */
const afterGraphiQL = `
CloseEvent.prototype.toJSON = function () {
  return { message: this.reason || 'The WebSocket was closed.', closeCode: this.code }
}
let authorization
YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), {
  ...JSON.parse(document.getElementById('options').textContent),
  onEditHeaders: (text) => {
    try {
      const headers = Object.entries(JSON.parse(text))
      authorization = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]
    } catch {
      // It is being typed.
    }
  },
  connectionParams: () => (authorization === undefined ? {} : { authorization }),
})`
