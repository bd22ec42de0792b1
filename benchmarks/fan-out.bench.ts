// What it costs to tell many clients of an event, over real sockets: the gateway beside graphql-ws as it comes,
// the recipe of Yoga for it, and `ws.send` of a ready text to each. All send the same results of the same checks.
// They take turns, so that whatever else the machine does is fair to all of them. Server and clients are
// processes of their own; what is counted is the CPU of the server, system calls included.
import { startChild } from './child-process.ts'
import type { ClientsProcess } from './fan-out/clients.ts'
import type { ContenderName, ServerProcess } from './fan-out/server.ts'
import { median, printTable } from './measure.ts'

const rounds = Number(process.argv[2] ?? 15)

const names: Readonly<Record<ContenderName, string>> = {
  gateway: 'teams-operations',
  broadcast: 'ws.send to each',
  yoga: 'Yoga recipe',
  'graphql-ws': 'graphql-ws',
}
const contenders = Object.keys(names) as ContenderName[]

interface Scenario {
  readonly clients: number
  /** How many operations each of them watches, with one subscription. */
  readonly operations: number
  /** How often each operation is checked before the next contender has its turn. */
  readonly checks: number
}

/** One server with its clients. */
class Contest {
  readonly #server: ServerProcess
  readonly #clients: ClientsProcess = startChild('fan-out/clients.ts')
  readonly #scenario: Scenario
  readonly perDelivery: number[] = []
  #received = 0
  /** Of an idle connection with its subscription. */
  heapBytes = 0

  constructor(name: ContenderName, scenario: Scenario) {
    this.#server = startChild('fan-out/server.ts', [name])
    this.#scenario = scenario
  }

  async connect(): Promise<void> {
    const { clients, operations } = this.#scenario
    const port = await this.#server.call('port', undefined)
    // What is loaded and compiled with the first clients is not theirs.
    await this.#clients.call('connect', { port, clients: 100, operations, watches: operations })
    await this.#check()
    await this.#check()
    const before = await this.#server.call('heapBytes', undefined)
    await this.#clients.call('connect', { port, clients: clients - 100, operations, watches: operations })
    this.#received = (clients - 100) * operations + this.#received
    await this.#clients.call('receive', { results: this.#received })
    this.heapBytes = ((await this.#server.call('heapBytes', undefined)) - before) / (clients - 100)
  }

  /** Lets each operation be checked and waits until everybody knows. @returns how many results were delivered */
  async #check(clients = 100): Promise<number> {
    const checks = await this.#server.call('checkEach', undefined)
    this.#received += checks * clients
    await this.#clients.call('receive', { results: this.#received })
    return checks * clients
  }

  /** How many results come together, on average. */
  together(): Promise<number> {
    return this.#server.call('together', undefined)
  }

  async run(): Promise<void> {
    const { clients, checks } = this.#scenario
    const before = await this.#server.call('cpuUs', undefined)
    let delivered = 0
    for (let check = 0; check < checks; check += 1) delivered += await this.#check(clients)
    const after = await this.#server.call('cpuUs', undefined)
    this.perDelivery.push((after - before) / delivered)
  }

  [Symbol.dispose](): void {
    this.#clients[Symbol.dispose]()
    this.#server[Symbol.dispose]()
  }
}

async function compare(title: string, scenario: Scenario): Promise<void> {
  using ends = new DisposableStack()
  const contests = new Map(contenders.map((name) => [name, ends.use(new Contest(name, scenario))]))
  for (const contest of contests.values()) await contest.connect()
  // The first is for the compiler.
  for (const contest of contests.values()) await contest.run()
  for (const { perDelivery } of contests.values()) perDelivery.length = 0
  for (let round = 0; round < rounds; round += 1) {
    for (const contest of contests.values()) await contest.run()
  }
  const broadcast = median(contests.get('broadcast')?.perDelivery ?? [])
  const together = (await contests.get('gateway')?.together()) ?? NaN
  console.log(`\n${title}, ${together.toFixed(0)} ${together < 1.5 ? 'result' : 'results'} at a time`)
  printTable([
    ['', 'µs of CPU per result', 'from', 'to', 'times ws.send', 'kB of heap per connection'],
    ...Array.from(contests, ([name, { perDelivery, heapBytes }]) => [
      names[name],
      median(perDelivery).toFixed(1),
      Math.min(...perDelivery).toFixed(1),
      Math.max(...perDelivery).toFixed(1),
      (median(perDelivery) / broadcast).toFixed(2),
      (heapBytes / 1_000).toFixed(1),
    ]),
  ])
}

console.log(`${rounds} rounds in turn; Node ${process.version}`)
await compare('2,000 clients that watch one operation', { clients: 2_000, operations: 1, checks: 10 })
await compare('200 clients that watch 100 operations each', { clients: 200, operations: 100, checks: 2 })
