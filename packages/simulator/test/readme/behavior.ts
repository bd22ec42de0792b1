import { latency, type Behavior } from '@teams-operations/simulator'

const slowMornings: Behavior = async (exchange, next) =>
  new Date(exchange.clock.now()).getUTCHours() < 9 ? latency(5_000)(exchange, next) : next()

export { slowMornings }
