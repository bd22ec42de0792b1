import type { Random } from '../random.ts'

/** A moment as Graph writes it, with seven fractional digits, the last four of them made up. */
export function timestamp(atMs: number, random: Random): string {
  const finer = String(random.integer(0, 9999)).padStart(4, '0')
  return `${new Date(atMs).toISOString().slice(0, -1)}${finer}Z`
}

/** The same moment `ms` later, its last four digits kept. */
export function laterBy(moment: string, ms: number): string {
  const finer = moment.slice(23, -1)
  return `${new Date(Date.parse(`${moment.slice(0, 23)}Z`) + ms).toISOString().slice(0, -1)}${finer}Z`
}
